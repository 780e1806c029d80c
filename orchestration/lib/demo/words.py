"""The invented vocabulary of the demo world: names, places, goods. Nothing is drawn from a real person."""


def words(text: str) -> list[str]:
    return text.split()


# Surnames are stem + ending, so that a hundred thousand people do not share sixty of them.
NAMES: dict[str, dict[str, list[str]]] = {
    "en": {
        "female": words(
            "Alice Amelia Anna Audrey Beatrice Bella Bridget Caroline Catherine Charlotte Chloe Clara Claire "
            "Daisy Diana Eleanor Eliza Elizabeth Ella Emily Emma Esther Evelyn Faith Fiona Florence Frances "
            "Grace Hannah Harriet Hazel Heather Helen Imogen Iris Isabel Ivy Jane Jasmine Jessica Joan "
            "Josephine Joy Julia Kate Kim Laura Leah Lily Lucy Lydia Mabel Margaret Martha Mary Matilda Maya "
            "Megan Mia Molly Naomi Natalie Nora Olive Olivia Penelope Phoebe Priya Rachel Rebecca Rosa Rose "
            "Ruby Ruth Sarah Sienna Sophie Stella Susan Tessa Thea Victoria Violet Wendy Willow Yasmin Zara "
            "Zoe"
        ),
        "male": words(
            "Aaron Adam Aiden Albert Alexander Alfred Andrew Anthony Archie Arthur Austin Barnaby Ben Blake "
            "Bruce Caleb Cameron Carl Charles Christopher Colin Connor Cyrus Daniel David Dennis Dominic "
            "Douglas Dylan Edgar Edward Eli Elliot Ethan Evan Felix Finn Francis Frank Frederick Gabriel "
            "Gareth George Gordon Graham Harry Harvey Henry Hugo Ian Isaac Jack Jacob James Jamie Jasper "
            "Joel John Jonathan Joseph Joshua Julian Keith Kevin Leo Leon Lewis Liam Louis Lucas Luke "
            "Malcolm Mark Martin Matthew Max Michael Nathan Neil Nicholas Noah Oliver Oscar Owen Patrick "
            "Paul Peter Philip Ralph Raymond Robert Robin Rory Samuel Simon Stephen Theo Thomas Timothy Toby "
            "Victor Walter William"
        ),
        "stems": words(
            "Ash Bald Barn Black Brad Bran Brook Burn Cald Car Chat Clay Clif Cran Dal Den Dray East Elm "
            "Fair Farn Fen Gran Green Had Hal Har Hart Haw Hay High Hol Kel Ken King Lang Law Lin Long Mar "
            "May Mil Nor Oak Pem Pres Rad Ram Red Roth Rush Sel Shel Sher Stan Stock Sut Thorn Wal War Wel "
            "West Whit Win Wood"
        ),
        "endings": words(
            "bury by cliffe cott croft dale den don field fleet ford gate ham hurst land leigh ley low man "
            "mere mond more ridge shaw stead stock ston stone ton wall ward water way well wick wood worth"
        ),
    },
    "de": {
        "female": words(
            "Andrea Anja Anke Annika Antje Barbara Birgit Brigitte Carla Charlotte Claudia Elke Emilia Eva "
            "Frieda Gisela Greta Hanna Heike Heidi Helga Ines Inge Johanna Jule Jutta Karin Katharina Katrin "
            "Klara Lea Lena Lina Lotte Luise Maja Maren Marlene Martina Mathilda Merle Monika Nele Nina "
            "Paula Petra Renate Sabine Silke Sonja Stefanie Susanne Svenja Tanja Ulrike Ursula Ute Vera "
            "Wiebke"
        ),
        "male": words(
            "Achim Anton Armin Arne Axel Bastian Benedikt Bernd Bernhard Bruno Christian Clemens Detlef "
            "Dieter Dirk Eberhard Emil Erik Felix Florian Frank Friedrich Georg Gerd Gunnar Hannes Hans "
            "Heiko Heinz Helmut Henrik Holger Ingo Jan Jens Joachim Jonas Jörg Jürgen Kai Karl Klaus Konrad "
            "Lars Lothar Lukas Manfred Markus Matthias Moritz Norbert Olaf Otto Rainer Ralf Rolf Sebastian "
            "Stefan Sven Thorsten Tobias Torben Udo Ulrich Uwe Volker Werner Wolfgang"
        ),
        "stems": words(
            "Acker Berg Birk Blum Braun Buch Burg Busch Dorn Eich Eisen Engel Fels Feld Fischer Fried Grün "
            "Gut Hart Hein Hoch Holz Horn Kall Kirch König Krug Land Lang Linden Licht Neu Ober Ritter Rosen "
            "Roth Sand Schön Schwarz Silber Sommer Stein Stern Stock Strauß Thal Unter Vogel Wald Weiß "
            "Wiesen Winter"
        ),
        "endings": words(
            "auer bach baum beck berg blatt brecht burger dorf eck egger feld felder hagen hardt hauer haus "
            "heim hof hofer holz huber kamp ler mann meier meister müller rath reich reuter ried roth scheid "
            "schmidt stein thaler weiler wein"
        ),
    },
    "fr": {
        "female": words(
            "Adèle Agathe Alix Amandine Anaïs Aurélie Camille Capucine Céline Chloé Claire Clémence Coralie "
            "Delphine Élise Élodie Emma Estelle Eugénie Fanny Flavie Gaëlle Hélène Inès Jeanne Joséphine "
            "Juliette Laure Léa Léonie Louise Lucie Madeleine Manon Margaux Marie Marion Mathilde Maëlys "
            "Nathalie Noémie Océane Pauline Romane Sandrine Solène Sylvie Valérie Véronique Victoire Zélie"
        ),
        "male": words(
            "Adrien Alain Alexandre Antoine Arnaud Augustin Baptiste Bastien Benoît Bruno Cédric Clément "
            "Corentin Cyril Damien Denis Didier Émile Étienne Fabien Florent François Frédéric Gaël Gaspard "
            "Gérard Guillaume Henri Hugo Jean-Luc Jérôme Joël Jules Julien Laurent Léo Loïc Louis Luc Marc "
            "Mathieu Maxime Nicolas Olivier Pascal Paul-Henri Philippe Pierre Quentin Raphaël Rémi Romain "
            "Sébastien Thibault Valentin Vincent Xavier Yann Yves"
        ),
        "stems": words(
            "Beau Bel Ber Bois Bon Bour Cham Char Clair Cor Cour Dela Des Du Fon For Gar Gau Gran Gui Jol La "
            "Le Lam Lav Mal Mar Mon Mor Mou Par Per Pey Pic Pol Ray Ri Roche Rous Sau Sem Tour Val Ver Vil"
        ),
        "endings": words(
            "bert champ chet court daine det dier don fort gnier gny lac land let lier lin mont nard net "
            "nier quet rand reau ret rier ron sard sier taine tel tier ton vais val vaux vert"
        ),
    },
    "nl": {
        "female": words(
            "Anouk Annelies Bregje Carlijn Denise Eline Femke Floor Fleur Gerda Hanneke Ilse Ineke Jantje "
            "Johanna Jolanda Karlijn Lieke Liesbeth Lotte Maaike Marije Marijke Marloes Mieke Nienke Noor "
            "Petra Renske Roos Sanne Saskia Sophie Tess Wilma Yvonne"
        ),
        "male": words(
            "Arjan Bart Bas Bram Casper Daan Dirk Erik Evert Floris Gerrit Gijs Hendrik Henk Jaap Jan Jeroen "
            "Job Joost Jurre Kees Koen Lars Maarten Marcel Marnix Niels Pieter Rens Rik Roel Ruben Sander "
            "Sjoerd Stijn Teun Thijs Tijn Willem Wouter"
        ),
        "stems": words(
            "Achter Berg Bos Broek Dijk Duin Eik Graaf Groen Haar Heide Hof Hoog Kamp Kerk Klein Linden Meer "
            "Molen Nieuw Noord Ooster Plas Rozen Schaap Steen Veen Veld Vlier Wester Water Wind Zand Zee "
            "Zwart"
        ),
        "endings": words(
            "aard beek berg boom brink broek camp dam dijk horst huis huizen kamp man meer ink sma stra veld"
        ),
    },
    "it": {
        "female": words(
            "Alessia Anna Beatrice Bianca Chiara Elena Federica Francesca Giada Ginevra Giulia Ilaria Laura "
            "Lucia Martina Paola Sara Serena Silvia Sofia Valentina"
        ),
        "male": words(
            "Alberto Andrea Antonio Claudio Dario Davide Enrico Fabio Federico Filippo Giorgio Giovanni Luca "
            "Marco Matteo Nicola Paolo Pietro Roberto Stefano Tommaso"
        ),
        "stems": words(
            "Al Bar Bel Ber Bon Cal Cam Cap Car Col Con Dal Fab Fal Fer Gal Gar Gra Lom Man Mar Mon Mor Pal "
            "Pel Ric Ros San Ser Tes Val Ven Vil Zan"
        ),
        "endings": words(
            "aldi amo andi ani anti ari asco atti azzi egni elli ello enti ese etti iani ieri ino isi occhi "
            "olini oni otti ucci uzzi"
        ),
    },
    "sv": {
        "female": words(
            "Agneta Alva Annika Astrid Ebba Elin Elsa Freja Frida Hedda Ingrid Karin Kerstin Linnea Lovisa "
            "Maja Malin Moa Saga Sigrid Signe Sofia Tuva Wilma"
        ),
        "male": words(
            "Albin Anders Arvid Axel Björn Elias Erik Fredrik Gustav Hampus Henrik Isak Jesper Johan Karl "
            "Lars Linus Ludvig Magnus Måns Nils Olle Oskar Per Sven Viktor"
        ),
        "stems": words(
            "Al Asp Berg Björk Blom Bo Eke Ek Fors Gran Gren Grön Hag Hed Hell Holm Kron Lilje Lind Ljung "
            "Lund Löv Malm Mo Nor Ny Ros Sand Sjö Sjö Strand Ström Söder Väster Åker Öst"
        ),
        "endings": words("berg blad blom borg by dahl felt gren gård holm kvist lind lund man mark qvist stedt ström"),
    },
    "ja": {
        "female": words(
            "Aiko Akari Ayumi Chiyo Emi Hana Haruka Hina Kaori Keiko Mai Megumi Mio Naomi Rin Sakura Sayuri "
            "Yui Yuki Yuna"
        ),
        "male": words(
            "Akira Daiki Daisuke Haruto Hiroshi Isamu Jun Kaito Ken Kenta Makoto Minoru Naoki Ren Riku Ryo "
            "Sho Takashi Takumi Yuto"
        ),
        "stems": words(
            "Aki Ao Ara Fuji Fuku Hara Hase Hira Ino Ishi Ka Kawa Kita Ko Kuro Matsu Mina Miya Mori Naka "
            "Nishi No Oka Sa Shima Shira Su Taka Tani Uchi Ue Yama Yoshi"
        ),
        "endings": words(
            "be da gawa guchi ha hara hashi kawa ki kura matsu mi moto mura naka no saki sawa shima shita ta "
            "uchi yama zaki"
        ),
    },
}

# Country: share, language group, currency, locale, timezone, calling code, trunk prefix, English name.
COUNTRIES: list[tuple[str, float, str, str, str, str, str, str, str]] = [
    ("US", 0.45, "en", "USD", "en-US", "America/New_York", "1", "", "United States"),
    ("GB", 0.17, "en", "GBP", "en-GB", "Europe/London", "44", "0", "United Kingdom"),
    ("DE", 0.12, "de", "EUR", "de-DE", "Europe/Berlin", "49", "0", "Germany"),
    ("FR", 0.08, "fr", "EUR", "fr-FR", "Europe/Paris", "33", "0", "France"),
    ("NL", 0.05, "nl", "EUR", "nl-NL", "Europe/Amsterdam", "31", "0", "Netherlands"),
    ("CA", 0.05, "en", "CAD", "en-CA", "America/Toronto", "1", "", "Canada"),
    ("AU", 0.03, "en", "AUD", "en-AU", "Australia/Sydney", "61", "0", "Australia"),
    ("IT", 0.02, "it", "EUR", "it-IT", "Europe/Rome", "39", "", "Italy"),
    ("SE", 0.02, "sv", "SEK", "sv-SE", "Europe/Stockholm", "46", "0", "Sweden"),
    ("JP", 0.01, "ja", "JPY", "ja-JP", "Asia/Tokyo", "81", "0", "Japan"),
]

# City, province or region, postcode prefix (digits and letters are added behind it).
CITIES: dict[str, list[tuple[str, str, str]]] = {
    "US": [
        ("Boston", "MA", "021"),
        ("New York", "NY", "100"),
        ("Philadelphia", "PA", "191"),
        ("Atlanta", "GA", "303"),
        ("Miami", "FL", "331"),
        ("Chicago", "IL", "606"),
        ("Columbus", "OH", "432"),
        ("Austin", "TX", "787"),
        ("Denver", "CO", "802"),
        ("Phoenix", "AZ", "850"),
        ("Seattle", "WA", "981"),
        ("Portland", "OR", "972"),
        ("San Diego", "CA", "921"),
        ("Oakland", "CA", "946"),
        ("Minneapolis", "MN", "554"),
        ("Nashville", "TN", "372"),
        ("Charlotte", "NC", "282"),
        ("St. Louis", "MO", "631"),
        ("Coeur d'Alene", "ID", "838"),
    ],
    "GB": [
        ("London", "Greater London", "SE1"),
        ("Manchester", "Greater Manchester", "M1"),
        ("Leeds", "West Yorkshire", "LS6"),
        ("Bristol", "Bristol", "BS8"),
        ("Edinburgh", "Midlothian", "EH3"),
        ("Glasgow", "Lanarkshire", "G12"),
        ("Cardiff", "South Glamorgan", "CF10"),
        ("Norwich", "Norfolk", "NR2"),
        ("King's Lynn", "Norfolk", "PE30"),
    ],
    "DE": [
        ("Berlin", "Berlin", "10"),
        ("Hamburg", "Hamburg", "20"),
        ("München", "Bayern", "80"),
        ("Köln", "Nordrhein-Westfalen", "50"),
        ("Leipzig", "Sachsen", "04"),
        ("Düsseldorf", "Nordrhein-Westfalen", "40"),
        ("Göttingen", "Niedersachsen", "37"),
    ],
    "FR": [
        ("Paris", "Île-de-France", "75"),
        ("Lyon", "Auvergne-Rhône-Alpes", "69"),
        ("Nantes", "Pays de la Loire", "44"),
        ("L'Haÿ-les-Roses", "Île-de-France", "94"),
        ("Lille", "Hauts-de-France", "59"),
    ],
    "NL": [
        ("Amsterdam", "Noord-Holland", "10"),
        ("Utrecht", "Utrecht", "35"),
        ("'s-Hertogenbosch", "Noord-Brabant", "52"),
    ],
    "CA": [
        ("Toronto", "ON", "M5V"),
        ("Montréal", "QC", "H2X"),
        ("Vancouver", "BC", "V6B"),
        ("Halifax", "NS", "B3H"),
    ],
    "AU": [
        ("Sydney", "NSW", "20"),
        ("Melbourne", "VIC", "30"),
        ("Perth", "WA", "60"),
    ],
    "IT": [
        ("Roma", "Lazio", "001"),
        ("Milano", "Lombardia", "201"),
        ("Bologna", "Emilia-Romagna", "401"),
    ],
    "SE": [
        ("Stockholm", "Stockholms län", "11"),
        ("Göteborg", "Västra Götalands län", "41"),
    ],
    "JP": [
        ("Tokyo", "Tokyo", "100"),
        ("Osaka", "Osaka", "530"),
    ],
}
STREETS: dict[str, tuple[list[str], list[str]]] = {
    "en": (
        words(
            "Acorn Alder Bell Birch Bridge Canal Castle Cedar Chapel Cherry Church Clover Coach Dover Elm "
            "Fern Forge Garden Glebe Grange Harbour Hazel Heron High Hill Holly Juniper Kiln Lake Lark "
            "Laurel Linden Maple Meadow Mill Orchard Park Pine Poplar Quarry River Rowan School Spring "
            "Station Swan Tanner Vicar Walnut Willow"
        ),
        ["Street", "Road", "Lane", "Avenue", "Close", "Drive"],
    ),
    "de": (
        words(
            "Ahorn Bahnhof Birken Brunnen Buchen Dorf Eichen Feld Garten Kirch Linden Markt Mühlen Rosen Schul Wiesen"
        ),
        ["straße", "weg", "allee", "gasse"],
    ),
    "fr": (
        words("rue avenue chemin allée"),
        [
            "des Lilas",
            "du Moulin",
            "de l'Église",
            "des Écoles",
            "du Marché",
            "de la Gare",
            "Victor-Hugo",
            "des Tilleuls",
            "du Lavoir",
            "des Vignes",
        ],
    ),
    "nl": (
        words("Kerk Molen School Beuken Eiken Dorps Wilgen Linden Station Haven"),
        ["straat", "laan", "weg", "kade"],
    ),
    "it": (
        words("via viale piazza"),
        ["Garibaldi", "Dante", "dei Mille", "Mazzini", "della Pace", "Verdi"],
    ),
    "sv": (
        words("Björk Skol Kyrk Ring Stations Ängs"),
        ["gatan", "vägen"],
    ),
    "ja": (
        words("Sakura Midori Higashi Nishi"),
        ["-dori", "-cho"],
    ),
}
JOB_TITLES = [
    "Buyer",
    "Office manager",
    "Head of procurement",
    "Founder",
    "Store manager",
    "CFO",
    "People lead",
    "Architect; planner",
]
INDUSTRIES = [
    "Retail",
    "Hospitality",
    "Software",
    "Education",
    "Manufacturing",
    "Health",
    "Logistics",
    "Public sector",
]
COMPANY_WORDS = (
    [
        "Alder",
        "Beacon",
        "Copper",
        "Delta",
        "Ember",
        "Foxglove",
        "Granite",
        "Harbour",
        "Indigo",
        "Juniper",
        "Kestrel",
        "Lumen",
        "Meridian",
        "North",
        "Opal",
        "Pilot",
        "Quarry",
        "Raven",
        "Summit",
        "Tern",
    ],
    [
        "Works",
        "Foods",
        "Systems",
        "Interiors",
        "Partners",
        "Labs",
        "Hotels",
        "Freight",
        "Health",
        "Studios",
        "& Sons",
    ],
    ["Ltd", "Inc.", "GmbH", "B.V.", "LLC", "Co."],
)
CATEGORIES: list[tuple[str, float, list[str]]] = [
    # Category, median price in USD, nouns.
    (
        "Coffee",
        16,
        ["Beans", "Espresso Roast", "Filter Roast", "Decaf", "Sampler", "Grinder", "Dripper", "Kettle"],
    ),
    ("Tea", 12, ["Green Tea", "Oolong", "Rooibos", "Earl Grey", "Matcha", "Teapot", "Infuser"]),
    (
        "Kitchen",
        34,
        ["Chef's Knife", "Skillet", "Cutting Board", "Dutch Oven", "Peeler", "Mixing Bowl", "Scale"],
    ),
    ("Home", 48, ["Throw", "Cushion", "Floor Lamp", "Vase", "Candle", "Mirror", "Rug"]),
    ("Outdoor", 62, ["Tent", "Flask", "Backpack", "Camping Stove", "Head Torch", "Hammock", "Rain Jacket"]),
    ("Beauty", 22, ["Hand Cream", "Soap", "Shampoo Bar", "Face Oil", "Bath Salt", "Balm"]),
    ("Books", 19, ["Cookbook", "Field Guide", "Notebook", "Atlas", "Almanac", "Planner"]),
    ("Toys", 27, ["Puzzle", "Wooden Train", "Kite", "Card Game", "Building Set", "Plush Bear"]),
]
PRODUCT_ADJECTIVES = words(
    "Amber Brisk Classic Coastal Copper Daily Ember Everyday Field Forest Golden Harbour Heritage Honest "
    "Linen Little Lunar Meadow Morning Nordic Oak Quiet Rustic Salted Slate Small-Batch Stone Sunday Terra "
    "Tidal Velvet Wild Winter"
)
SEARCHES = [
    "coffee grinder",
    "gift",
    "tent 2 person",
    "matcha",
    "soap",
    'knife 8" steel',
    "wool throw",
    "notebook a5; dotted",
    "puzzle",
    "kettle",
    "=SUM(A1:A2)",
    "café crème",
    "lampe",
    "☕",
]
USER_AGENTS: dict[str, list[str]] = {
    "desktop": [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/17.5 Safari/605.1.15",
        "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    ],
    "mobile": [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
        "Gecko) Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/126.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 13; SM-A546B) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/125.0 Mobile Safari/537.36",
    ],
    "tablet": [
        "Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/17.4 Safari/604.1",
    ],
    "app": [
        "HarbourLane/4.2.0 (iOS 17.5)",
        "HarbourLane/4.1.3 (Android 14)",
    ],
}
