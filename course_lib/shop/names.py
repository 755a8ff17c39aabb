"""Words from which the shop's people, products and tags are made up."""

TAGS = ("jazz", "folk", "soul", "opera", "fado", "techno", "blues", "samba")

PEOPLE: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("DE", ("Jürgen", "Anke", "Björn", "Käthe"), ("Müller", "Groß", "Weiß", "Schäfer")),
    ("FR", ("Zoé", "Hélène", "François", "Maël"), ("Lefèvre", "Châtelain", "Noël", "Béranger")),
    ("PL", ("Łukasz", "Małgorzata", "Grażyna", "Paweł"), ("Wójcik", "Dąbrowski", "Kozłowska", "Żak")),
    ("BR", ("João", "Inês", "Conceição", "Antônio"), ("Gonçalves", "Araújo", "Simões", "Falcão")),
    ("JP", ("さくら", "健太", "美咲", "大輔"), ("小林", "佐藤", "渡辺", "高橋")),
    ("GR", ("Ελένη", "Νίκος", "Μαρία", "Γιώργος"), ("Παπαδοπούλου", "Ιωάννου", "Δήμου", "Κώστας")),
    ("EG", ("ليلى", "كريم", "منى", "يوسف"), ("حسن", "منصور", "سالم", "فوزي")),
    ("IE", ("Siobhán", "Oisín", "Róisín", "Pádraig"), ("O'Brien", "Ní Chléirigh", "O'Shea", "Mac Giolla")),
    ("US", ("Grace", "Wendell", "Ruth", "Amos"), ("Nguyen", "Okafor", "Smith", "Delgado")),
)

ADJECTIVES = ("Blue", "Quiet", "Late", "Paper", "Golden", "Northern", "Broken", "Slow", "Electric", "Distant")
NOUNS = ("Harbor", "Lantern", "River", "Winter", "Window", "Orchard", "Signal", "Mirror", "Garden", "Station")
ENSEMBLES = ("Quartet", "Orchestra", "Trio", "Choir", "Brothers", "Sisters", "Collective", "Band")
