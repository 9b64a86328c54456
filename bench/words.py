"""What the measuring shop sells: clothes of an Indonesian boutique, in words and their shares."""

# Indonesian, English, and how many of a thousand products it is: some words are everywhere.
GARMENTS = [
    ("Kemeja", "Shirt", 190),
    ("Kaos", "T-shirt", 170),
    ("Celana", "Trousers", 130),
    ("Gamis", "Long dress", 120),
    ("Blus", "Blouse", 90),
    ("Rok", "Skirt", 70),
    ("Tunik", "Tunic", 60),
    ("Jaket", "Jacket", 50),
    ("Kardigan", "Cardigan", 40),
    ("Pashmina", "Pashmina", 30),
    ("Sarung", "Sarong", 25),
    ("Rompi", "Waistcoat", 15),
    ("Kebaya", "Kebaya", 10),
]
STYLES = [
    ("Batik", "Batik", 240),
    ("Polos", "Plain", 200),
    ("Linen", "Linen", 150),
    ("Katun", "Cotton", 140),
    ("Salur", "Striped", 100),
    ("Bordir", "Embroidered", 70),
    ("Rajut", "Knitted", 60),
    ("Plisket", "Pleated", 30),
    ("Tenun", "Woven", 10),
]
SYLLABLES = [
    "sa",
    "ri",
    "la",
    "ma",
    "wi",
    "ta",
    "na",
    "di",
    "ra",
    "ka",
    "lu",
    "me",
    "ga",
    "ni",
    "yu",
    "do",
    "pa",
    "se",
    "ke",
    "ba",
]
COLOURS = [
    ("terakota", "Terakota", "Terracotta", "#b4593b"),
    ("navy", "Navy", "Navy", "#22304f"),
    ("gading", "Gading", "Ivory", "#efe6d2"),
    ("sage", "Sage", "Sage", "#9caf88"),
    ("mustard", "Mustard", "Mustard", "#d9a441"),
    ("burgundy", "Burgundy", "Burgundy", "#6d1f2f"),
    ("lilac", "Lilac", "Lilac", "#b9a3d0"),
    ("coklat", "Coklat", "Brown", "#6f4e37"),
    ("hitam", "Hitam", "Black", "#1c1a19"),
    ("putih", "Putih", "White", "#fbfaf7"),
    ("merah", "Merah", "Red", "#b3261e"),
    ("biru", "Biru", "Blue", "#2f5fa8"),
]
SIZES = ["XS", "S", "M", "L", "XL", "XXL", "3XL"]
MATERIALS = [
    ("katun", "Katun", "Cotton"),
    ("linen", "Linen", "Linen"),
    ("rayon", "Rayon", "Rayon"),
    ("sutra", "Sutra", "Silk"),
    ("wol", "Wol", "Wool"),
    ("poliester", "Poliester", "Polyester"),
    ("denim", "Denim", "Denim"),
]
FITS = [("regular", "Reguler", "Regular"), ("longgar", "Longgar", "Loose"), ("pas", "Pas", "Slim")]
SENTENCES = [
    (
        "Adem dan ringan untuk dipakai setiap hari.",
        "Cool and light enough to be worn every day.",
    ),
    (
        "Dijahit rapi oleh penjahit kami di Pekalongan.",
        "Neatly sewn by our tailors in Pekalongan.",
    ),
    (
        "Kancing kelapa dan saku tersembunyi di sisi kiri.",
        "Coconut buttons and a hidden pocket on the left.",
    ),
    (
        "Cocok dipadukan dengan celana kulot maupun rok plisket.",
        "Goes well with culottes or a pleated skirt.",
    ),
    (
        "Kainnya sudah dicuci, jadi ukurannya tidak menyusut.",
        "The cloth has been washed, so it will not shrink.",
    ),
    (
        "Untuk acara santai, kantor, sampai undangan malam.",
        "For days off, the office and invitations in the evening.",
    ),
    (
        "Potongannya longgar dan tidak menerawang.",
        "Cut loosely and not see-through.",
    ),
    (
        "Setiap helai dicap dengan tangan, jadi tidak ada dua yang sama.",
        "Each piece is stamped by hand, so no two are the same.",
    ),
]
# Two or three levels: what stands above, with the names of what lies below.
CATEGORIES = {
    ("Wanita", "Women"): [("Atasan", "Tops"), ("Bawahan", "Bottoms"), ("Gaun", "Dresses")],
    ("Pria", "Men"): [("Kemeja", "Shirts"), ("Kaos", "T-shirts"), ("Celana", "Trousers")],
    ("Anak", "Children"): [("Setelan", "Sets"), ("Kaos", "T-shirts"), ("Gaun", "Dresses")],
    ("Muslim", "Modest wear"): [("Gamis", "Long dresses"), ("Hijab", "Hijabs"), ("Koko", "Koko")],
}
LEAVES = [("Harian", "Everyday"), ("Kerja", "Work"), ("Pesta", "Party")]
SYNONYMS = ["kaos, t-shirt, tshirt, baju kaos", "celana, trousers, pants", "gamis, long dress"]
