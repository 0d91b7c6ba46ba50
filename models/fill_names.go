package models

import "strings"

// The words that the names of filled records are made of. They are parted by commas.

func words(s string) []string {
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// streets are the names of streets, the busiest first.
var streets = words(`Ashland, Fullerton, Halsted, Clark, Damen, Belmont, Western, Broadway, Milwaukee, Pulaski,
	Cicero, Kedzie, Armitage, Diversey, Irving Park, Addison, Lawrence, Montrose, Foster, Devon, Sheridan, Lincoln,
	Division, North, Chicago, Grand, Roosevelt, Cermak, Archer, Ogden, Harlem, Austin, Central, Laramie, Kostner,
	California, Racine, Southport, Sheffield, Wells, LaSalle, Dearborn, State, Wabash, Michigan, Wacker, Lake, Randolph,
	Washington, Madison, Monroe, Adams, Jackson, Van Buren, Harrison, Polk, Taylor, Maxwell, Canal, Clinton, Jefferson,
	Desplaines, Union, Emerald, Wallace, Normal, Stewart, Wentworth, Indiana, Prairie, Calumet, King, Cottage Grove,
	Drexel, Ellis, Greenwood, University, Woodlawn, Kimbark, Kenwood, Dorchester, Blackstone, Harper, Stony Island,
	Jeffery, Yates, Exchange, Commercial, Burley, Torrence, Vincennes, Throop, Loomis, Laflin, Paulina, Wood, Wolcott,
	Leavitt, Oakley, Campbell, Rockwell, Maplewood, Francisco, Sacramento, Albany, Whipple, Troy, Homan, Trumbull,
	Hamlin, Avers, Springfield, Harding, Karlov, Keeler, Tripp, Kildare, Kilbourn, Kenton, Lamon, Lavergne, Leclaire,
	Lockwood, Long, Lotus, Luna, Mango, Marmora, Mason, Mayfield, Melvina, Menard, Merrimac, Mobile, Moody, Mulligan,
	Nagle, Narragansett, Nashville, Natchez, Natoma, Neenah, Neva, New England, Newcastle, Newland, Nordica, Normandy,
	Nottingham, Oak Park, Oconto, Octavia, Olcott, Oleander, Oriole, Overhill, Ozanam, Ozark, Elm, Maple, Cedar, Birch,
	Walnut, Chestnut, Hickory, Willow, Magnolia, Lakewood, Wayne, Greenview, Bosworth, Hermitage, Ravenswood, Winchester,
	Honoré, Dupré, Peña, Muñoz, O’Brien, St. Clair, Juneau, Château, Cortéz, Jardín`)

// ways are the kinds of streets. Many addresses have none, as people write them.
var ways = words(`Avenue, Avenue, Avenue, Avenue, Avenue, Street, Street, Street, Street, Street, Road, Road, Road,
	Drive, Drive, Drive, Boulevard, Boulevard, Parkway, Court, Place, Lane, Terrace, Square`)

// quarters are parts of the city.
var quarters = words(`Lakeview, Pilsen, Bridgeport, Uptown, Hyde Park, Old Town, Logan Square, Wicker Park, Andersonville,
	Edgewater, Ravenswood, Humboldt Park, Greektown, Chinatown, Bronzeville, Beverly, Rogers Park, Albany Park, Avondale,
	Hegewisch, Garfield Park, South Shore, Kenwood, Englewood, Lincoln Square, Bucktown, Streeterville, River North,
	Gold Coast, The Loop, West Loop, South Loop, Little Village, Back of the Yards, Canaryville, Mount Greenwood,
	Norwood Park, Jefferson Park, Portage Park, Belmont Cragin, Dunning, Sauganash, North Center, Roscoe Village,
	Wrigleyville, Ukrainian Village, Noble Square, Goose Island, Printers Row, Tri-Taylor, Heart of Chicago, McKinley Park,
	Brighton Park, Archer Heights, Gage Park, Chatham, Pullman, Roseland, Morgan Park, Oakland, Douglas, Fuller Park`)

// moods and things make names such as The Silver Lantern.
var (
	moods = words(`Silver, Golden, Blue, Green, Red, Little, Big, Old, New, Lucky, Happy, Quiet, Bright, Copper, Iron,
		Velvet, Crystal, Royal, Rusty, Sunny, Northern, Southern, Wandering, Hidden, Humble, Honest, Sleepy, Busy, Jolly,
		Electric, Painted, Hollow, Broken, Crooked, Twisted, Wild, Gentle, Grand, Prime, Modern, Classic, Vintage, Urban,
		Salty, Sweet, Smoky, Spicy, Fresh, Cozy, Noble, Merry, Midnight, Morning, Winter, Summer, Autumn, Prairie, Harbor`)
	things = words(`Lantern, Anchor, Fox, Owl, Sparrow, Bear, Wolf, Rabbit, Horse, Rooster, Goose, Heron, Otter, Whale,
		Oak, Pine, Clover, Thistle, Rose, Tulip, Acorn, Pear, Cherry, Plum, Kettle, Spoon, Table, Window, Door, Bridge,
		River, Lake, Mill, Barn, Wagon, Bicycle, Engine, Whistle, Bell, Drum, Fiddle, Piano, Crown, Star, Moon, Sun,
		Cloud, Comet, Compass, Harbor, Tower, Garden, Corner, Market, Republic, Union, Society, Parlor, Palace, Castle`)
)

// shops are the trades of places without a restaurant.
var shops = words(`Hardware, Books, Bakery, Pharmacy, Laundry, Cleaners, Barber Shop, Hair Salon, Flowers, Florist, Grocery,
	Market, Supply, Auto Repair, Tire Center, Garage, Car Wash, Bicycles, Shoes, Tailoring, Jewelers, Optical, Dental,
	Clinic, Animal Hospital, Pet Supplies, Music, Records, Guitars, Pianos, Art Supply, Gallery, Framing, Printing,
	Copies, Stationery, Toys, Games, Comics, Antiques, Furniture, Lighting, Kitchens, Flooring, Paint, Plumbing, Electric,
	Roofing, Locksmith, Storage, Realty, Insurance, Law Office, Tax Service, Travel, Photo Studio, Dance Studio, Yoga,
	Fitness, Boxing Gym, Bowl, Theatre, Cinema, Library, Museum, Gardens, Nursery, Lumber, Glass, Upholstery, Fabrics,
	Yarn, Candles, Soap, Cosmetics, Nails, Spa, Tattoo, Vintage Clothing, Thrift, Outfitters, Sports, Camera, Radio,
	Computers, Phones, Vacuum, Sewing, Butcher Supply, Wine & Spirits, Liquors, Tobacco, Newsstand, Tea, Spices, Chocolates`)

// kitchen is a trade of a restaurant with how often, of a hundred, it serves hot dogs and pizza.
type kitchen struct {
	name           string
	hotDogs, pizza int
}

// kitchens are the trades of restaurants, the commonest first.
var kitchens = []kitchen{
	{"Pizza", 12, 100}, {"Grill", 45, 20}, {"Cafe", 8, 10}, {"Hot Dogs", 100, 8}, {"Diner", 40, 25}, {"Kitchen", 10, 25},
	{"Pizzeria", 5, 100}, {"Red Hots", 100, 5}, {"Taqueria", 5, 2}, {"Tavern", 35, 50}, {"Trattoria", 0, 85},
	{"Franks", 100, 10}, {"Pizza Works", 15, 100}, {"Bistro", 2, 20}, {"Bar & Grill", 50, 40}, {"Ristorante", 0, 80},
	{"Dog House", 100, 4}, {"Steakhouse", 6, 2}, {"Fish House", 4, 3}, {"Noodles", 1, 1}, {"Sushi", 0, 0}, {"Ramen", 0, 0},
	{"Curry House", 0, 3}, {"Tandoor", 0, 4}, {"BBQ", 40, 6}, {"Smokehouse", 35, 5}, {"Chicken", 20, 12}, {"Wings", 25, 45},
	{"Burgers", 70, 10}, {"Sandwiches", 30, 15}, {"Subs", 25, 40}, {"Gyros", 65, 30}, {"Falafel", 2, 10}, {"Pancake House", 8, 2},
	{"Slice House", 10, 100}, {"Oven", 5, 90}, {"Tap Room", 40, 55}, {"Beer Garden", 70, 30}, {"Lunch Counter", 60, 20},
	{"Deli", 35, 10}, {"Bagels", 4, 8}, {"Dumplings", 0, 0}, {"Pho", 0, 0}, {"Cantina", 8, 6}, {"Tapas", 0, 5}, {"Brasserie", 2, 10},
	{"Chop House", 8, 2}, {"Supper Club", 10, 15}, {"Food Hall", 80, 80}, {"Canteen", 50, 50}, {"Kiosk", 85, 30}, {"Drive-In", 90, 20},
}

// chains have many places of the same name, the largest first.
var chains = words(`Prairie Coffee, Lakeshore Pharmacy, Union Mart, Corner Pantry, Speedy Wash, Windy City Books, QuickLube,
	Hometown Bank, Green Leaf Grocers, Blue Line Fitness, The Paint Barrel, Nickel & Dime, Metro Mobile, Shoe Depot, Pet Parade,
	City Cleaners, First Federal Savings, Sunrise Donuts, Bike & Board, Office Attic, Dollar Daze, Toy Harbor, Video Vault,
	The Mattress Mill, Clip & Go, Bright Smiles Dental, Vision Point, Family Tire, Parts Plus, Midwest Storage, Ace Hardware,
	Garden Gate, Fresh Fields, Harvest Market, The Bottle Shop, Card & Candle, Crafty Corner, Sew What?, U-Haul-It, Mail & More,
	Cash 4 Gold, Tax Time, Gym 24/7, Kids’ Korner, Mother’s Market, Farmer’s Table, Baker’s Dozen, Sailor’s Supply, Tom & Sons,
	Le Petit Marché, Panadería Nuevo León, Café Olé, Señor Frío, Crème de la Crème, Das Brot, Smörgås, Ćevapi Express`)

// dinerChains are the same with restaurants, and what they serve.
var dinerChains = []kitchen{
	{"Windy City Dogs", 100, 0}, {"Lou’s Deep Dish", 0, 100}, {"Slice of Heaven", 0, 100}, {"Red Line Franks", 100, 0},
	{"Mama Rosa’s", 0, 90}, {"Burger Barn", 80, 5}, {"Pizza Palazzo", 0, 100}, {"Frankly Delicious", 100, 10}, {"The Corner Oven", 0, 100},
	{"Golden Arch Diner", 40, 20}, {"Taco Loco", 0, 0}, {"Noodle Nook", 0, 0}, {"Chick & Waffle", 10, 0}, {"Sub Station", 20, 40},
	{"Dog Days", 100, 0}, {"Wok This Way", 0, 0}, {"Papa Gino & Figli", 0, 100}, {"Gyro Hero", 60, 30}, {"Bagel Brothers", 5, 10},
	{"Thin Crust Express", 0, 100}, {"Hot Diggity", 100, 0}, {"Pierogi Palace", 10, 5}, {"Curry in a Hurry", 0, 0}, {"Bánh Mì Bros", 0, 0},
	{"Jalapeño Joe’s", 20, 10}, {"Crêpe Expectations", 0, 5}, {"Pho Sure", 0, 0}, {"Bao Wow", 10, 0}, {"El Pollo Feliz", 0, 0},
	{"Sunny Side Diner", 30, 10},
}

// odd are names that keep software honest: other scripts, emoji, marks and punctuation.
var odd = words(`金龙酒家 Golden Dragon, 四川小馆, 麺屋 武蔵, すし匠, 東京ラーメン 🍜, 김밥천국, 서울식당 Seoul House, Кафе Пушкин, Вареничная №1,
	Ταβέρνα Ο Νίκος, مطعم دمشق, מאפיית ירושלים, ร้านอาหารไทย, Pizza Planet 🍕, Hot Dog! 🌭, ☕ Third Coast, Tacos 🌮 Tacos,
	Ice Cream 🍦 Social, Bücher & Co., Łódź Delikatesy, Smørrebrød, Bäckerei Groß, Dvořák Hall, Kürtőskalács, Čevapčići Grill,
	Niño’s, Doña Inés, Brûlée & Co., L’Étoile, Ça va?, 100% Cotton, C++ Computers, No. 9 _ Lounge, “Quotes” Books, Rock 'n' Roll Records,
	O'Malley's Pub, D’Amico & Daughters, A/B Print, Al’s #1 Beef, The \ Room, Fish & Chips; Etc., 7–11 Repairs, $1 Store, Naïve Art, Übermarkt`)

// people are names of one part of the world: given names and family names, the commonest first.
type people struct{ given, family []string }

// nations are where the waiters' families come from, the largest first.
var nations = []people{
	{words(`James, Mary, Michael, Linda, David, Susan, John, Karen, Robert, Sarah, Chris, Emily, Daniel, Grace, Kevin, Hannah,
		Brian, Megan, Sam, Amber, Tyler, Zoe, Eric, Paige, Owen, Claire, Luke, Ruby, Joe, Molly, Ben, Nora, Ed, Alice, Henry, Rose`),
		words(`Smith, Johnson, Brown, Miller, Davis, Wilson, Anderson, Taylor, Moore, Martin, Thompson, White, Clark, Lewis, Walker, Hall,
		Young, King, Wright, Hill, Scott, Adams, Baker, Nelson, Carter, Mitchell, Turner, Parker, Cole, Price, Bell, Ward, Brooks, Reed, Cook, Hughes`)},
	{words(`Maria, José, Luis, Ana, Carlos, Sofía, Juan, Isabel, Miguel, Lucía, Jesús, Elena, Diego, Camila, Andrés, Valeria, Raúl, Inés,
		Ángel, Rosa, Hernán, Paloma, Iván, Belén, Tomás, Ximena`),
		words(`García, Hernández, López, Martínez, González, Pérez, Rodríguez, Sánchez, Ramírez, Flores, Rivera, Gómez, Díaz, Reyes, Morales,
		Cruz, Ortiz, Gutiérrez, Chávez, Ramos, Ruiz, Mendoza, Álvarez, Castillo, Jiménez, Vásquez, Ríos, Núñez, Peña, Ibáñez`)},
	{words(`DeShawn, Keisha, Marcus, Tasha, Darnell, Imani, Andre, Ebony, Terrell, Aaliyah, Jamal, Nia, Malik, Jasmine, Tyrone, Latoya,
		Xavier, Kiara, Isaiah, Monique, Reggie, Simone`),
		words(`Washington, Jefferson, Williams, Jackson, Robinson, Harris, Banks, Booker, Coleman, Freeman, Gaines, Hayes, Jenkins, Mosley,
		Powell, Randolph, Simmons, Tubman, Vaughn, Wallace, Green, Bryant`)},
	{words(`Piotr, Agnieszka, Marek, Katarzyna, Tomasz, Małgorzata, Paweł, Zofia, Krzysztof, Ewa, Łukasz, Joanna, Michał, Beata, Stanisław,
		Halina`),
		words(`Kowalski, Nowak, Wiśniewski, Wójcik, Kamiński, Lewandowski, Zieliński, Szymański, Woźniak, Dąbrowski, Kozłowski, Jankowski,
		Mazur, Krawczyk, Grabowski, Nowicki`)},
	{words(`Wei, Mei, Li, Jing, Xiu, Ming, Hua, Yan, Lei, Fang, Tao, Na, Qiang, Ying, Bo, Lan`),
		words(`Chen, Wang, Li, Zhang, Liu, Yang, Huang, Zhao, Wu, Zhou, Xu, Sun, Ma, Zhu, Hu, Guo, Lin, He`)},
	{words(`Priya, Arjun, Ananya, Rahul, Deepa, Vikram, Sunita, Amit, Kavita, Sanjay, Meera, Rohan, Lakshmi, Nikhil, Fatima, Imran`),
		words(`Patel, Sharma, Singh, Nair, Gupta, Kumar, Reddy, Rao, Iyer, Das, Mehta, Khan, Chopra, Bose, Menon, Joshi`)},
	{words(`Seán, Aoife, Liam, Siobhán, Conor, Niamh, Patrick, Bríd, Brendan, Maeve, Declan, Róisín`),
		words(`O’Neil, O'Brien, Murphy, Kelly, O’Sullivan, Walsh, Byrne, Ryan, McCarthy, Doyle, Fitzgerald, O’Connor, Daly, Quinn`)},
	{words(`Giulia, Luca, Paolo, Francesca, Marco, Chiara, Antonio, Rosa, Niccolò, Giorgia, Matteo, Alessia`),
		words(`Rossi, Ferri, Russo, Greco, Conti, De Luca, Esposito, Bianchi, D’Angelo, Marino, Ricci, Lombardi, Nicolò, Caruso`)},
	{words(`Min-jun, Seo-yeon, Ji-hoon, Soo-jin, Hyun-woo, Eun-ji, Sung-min, Yuna`), words(`Kim, Lee, Park, Choi, Jung, Kang, Cho, Yoon, Jang, Lim`)},
	{words(`Nguyên, Linh, Minh, Thảo, Dũng, Hương, Tuấn, Phương, Đức, Ngọc`), words(`Nguyễn, Trần, Lê, Phạm, Huỳnh, Phan, Vũ, Đặng, Bùi, Đỗ`)},
	{words(`Yuki, Haruto, Sakura, Kenji, Aiko, Takumi, Hana, Ren`), words(`Tanaka, Satō, Suzuki, Watanabe, Itō, Yamamoto, Nakamura, Kobayashi, Mori, Ōno`)},
	{words(`Omar, Layla, Yusuf, Nour, Karim, Salma, Hassan, Mariam, Tariq, Zahra`), words(`Haddad, Khalil, Mansour, Nasser, Saleh, Aziz, Farah, Hussein, Rahman, Said`)},
	{words(`Olga, Ivan, Natalia, Dmitri, Svetlana, Alexei, Oksana, Taras, Irina, Bohdan`), words(`Petrov, Ivanova, Shevchenko, Kovalenko, Volkov, Bondarenko, Melnyk, Popova, Tkachenko, Orlov`)},
	{words(`Jürgen, Anneliese, Karl, Käthe, Björn, Astrid, Søren, Åsa, Günther, Lena`), words(`Müller, Schäfer, Groß, Lindqvist, Holm, Jørgensen, Åkesson, Weiß, König, Lund`)},
	{words(`Chloé, Étienne, Amélie, René, Zoë, François, Noémie, Loïc`), words(`Dubois, Lefèvre, Moreau, Béranger, Côté, L’Heureux, Gagné, Fournier`)},
	{words(`Eleni, Nikos, Irene, Kostas, Jelena, Goran, Mirela, Dražen, Zsófia, Gábor, Ioana, Ștefan`), words(`Pappas, Vasiliou, Stavrou, Kovač, Jović, Čolić, Horváth, Szűcs, Ionescu, Țurcanu, Novák, Dvořák`)},
	{words(`Chinedu, Amina, Kwame, Adaeze, Tunde, Zainab, Kofi, Ngozi, Abebe, Selam`), words(`Okafor, Adeyemi, Mensah, Diallo, Okonkwo, Tesfaye, Bello, Owusu, Nwosu, Traoré`)},
}

// oddPeople are names in other scripts.
var oddPeople = words(`李娜, 王伟, 陈小明, 山田 太郎, 佐藤さくら, 김민준, 이서연, Владимир Иванов, Олена Шевченко, Νίκος Παππάς, محمد خليل, ليلى حداد,
	דוד כהן, สมชาย ใจดี, राहुल शर्मा, Տիգրան Պետրոսյան, გიორგი ბერიძე`)
