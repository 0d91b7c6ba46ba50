package text

import "testing"

// Near is what a person means who types it though the other one exists; far is another place.
func TestPlacesAreAlikeWhereTheirNamesAndAddressesDifferBySlipsOnly(t *testing.T) {
	const near, far = true, false
	for _, c := range []struct {
		a, b [2]string
		want bool
	}{
		{[2]string{"Demon Dogs", "944 W. Fullerton"}, [2]string{"Demon Dogs", "944 W. Fullerton"}, near},
		{[2]string{"demon dogs", "944 w fullerton"}, [2]string{"Demon Dogs", "944 W. Fullerton"}, near},
		{[2]string{"Demon Dog", "944 W. Fullerton"}, [2]string{"Demon Dogs", "944 W. Fullerton"}, near},
		{[2]string{"Deamon Dogs", "944 W. Fullerton"}, [2]string{"Demon Dogs", "944 W. Fullerton"}, near},
		{[2]string{"Demno Dogs", "944 W. Fullerton"}, [2]string{"Demon Dogs", "944 W. Fullerton"}, near},
		{[2]string{"DemonDogs", "944 W. Fullerton"}, [2]string{"Demon Dogs", "944 W. Fullerton"}, near},
		{[2]string{"Dogs, Demon", "944 W. Fullerton"}, [2]string{"Demon Dogs", "944 W. Fullerton"}, near},
		{[2]string{"The Demon Dogs", "944 W. Fullerton"}, [2]string{"Demon Dogs", "944 W. Fullerton"}, near},
		{[2]string{"Demon Dogs Restaurant", "944 W. Fullerton"}, [2]string{"Demon Dogs", "944 W. Fullerton"}, near},
		{[2]string{"Demon Dogs", "944 West Fullerton"}, [2]string{"Demon Dogs", "944 W Fullerton Ave"}, near},
		{[2]string{"Demon Dogs", "944 West Fullerton Avenue"}, [2]string{"Demon Dogs", "944 W. Fullerton Av."}, near},
		{[2]string{"Demon Dogs", "944 Fullerton"}, [2]string{"Demon Dogs", "944 W. Fullerton"}, near},
		{[2]string{"Demon Dogs", "944 W. Fulerton"}, [2]string{"Demon Dogs", "944 W. Fullerton"}, near},
		{[2]string{"Demon Dogs", "W. Fullerton 944"}, [2]string{"Demon Dogs", "944 W. Fullerton"}, near},
		{[2]string{"Demon Dogs", "944 W. Fullerton, Chicago, IL 60614"}, [2]string{"Demon Dogs", "944 W. Fullerton"}, near},
		{[2]string{"Joe's", "12 Main St"}, [2]string{"Joes", "12 Main Street"}, near},
		{[2]string{"Joe’s", "12 Main St"}, [2]string{"Joe's", "12 Main Street"}, near},
		{[2]string{"Café Müller", "3 Lake St"}, [2]string{"Cafe Muller", "3 Lake Street"}, near},
		{[2]string{"Salt & Pepper", "3 Lake St"}, [2]string{"Salt and Pepper", "3 Lake St"}, near},
		{[2]string{"Mississippi Mud", "3 Lake St"}, [2]string{"Missisipi Mud", "3 Lake St"}, near},
		{[2]string{"Ace Hardware", "1013 N. Ashland"}, [2]string{"Ace Hardwear", "1013 N Ashland"}, near},
		{[2]string{"Ace Hardware", "1013 N. Ashlnad Ave"}, [2]string{"Ace Hardware", "1013 N. Ashland"}, near},
		{[2]string{"Pizza 1", "5 Oak St"}, [2]string{"Pizza 1", "5 Oak Street"}, near},
		{[2]string{"Harbour", "9 St. James St."}, [2]string{"Harbor", "9 St James Street"}, near},
		{[2]string{"Harbour", "Old Port"}, [2]string{"Harbor", "Old Port"}, near},
		{[2]string{"Kiosk", "12 North"}, [2]string{"Kiosk", "12 N."}, near},
		{[2]string{"Кафе Москва", "7 Арбат"}, [2]string{"Кафе Масква", "7 Арбат"}, near},
		{[2]string{"拉麵", "1 大街"}, [2]string{"拉麵", "1 大街"}, near},
		{[2]string{"🌭", "1 Main"}, [2]string{"🌭", "1 Main St"}, near},
		{[2]string{"Third", "3"}, [2]string{"Third", "3"}, near},

		{[2]string{"Demon Dogs", "944 W. Fullerton"}, [2]string{"Demon Dogs", "3114 N. Broadway"}, far},
		{[2]string{"Demon Dogs", "944 W. Fullerton"}, [2]string{"Demon Dogs", "945 W. Fullerton"}, far},
		{[2]string{"Demon Dogs", "944 W. Fullerton"}, [2]string{"Demon Dogs", "9440 W. Fullerton"}, far},
		{[2]string{"Demon Dogs", "944 W. Fullerton"}, [2]string{"Demon Dogs", "W. Fullerton"}, far},
		{[2]string{"Demon Dogs", "944 W. Fullerton"}, [2]string{"Demon Dogs", "944 E. Fullerton"}, far},
		{[2]string{"Demon Dogs", "944 Fullerton Ave"}, [2]string{"Demon Dogs", "944 Fullerton Ct"}, far},
		{[2]string{"Demon Dogs", "944 W. Fullerton Apt 2"}, [2]string{"Demon Dogs", "944 W. Fullerton Apt 3"}, far},
		{[2]string{"Demon Dogs", "944"}, [2]string{"Demon Dogs", "944 W. Fullerton"}, far},
		{[2]string{"Demon Dogs", "944 W. Fullerton"}, [2]string{"Ace Hardware", "944 W. Fullerton"}, far},
		{[2]string{"Demon Dogs", "944 W. Fullerton"}, [2]string{"Lemon Hogs", "944 W. Fullerton"}, near}, // a letter each: better asked once too often
		{[2]string{"Demon Dogs", "944 W. Fullerton"}, [2]string{"Demon Cats", "944 W. Fullerton"}, far},
		{[2]string{"Demon Dogs", "944 W. Fullerton"}, [2]string{"Demon Dogs Express", "944 W. Fullerton"}, far},
		{[2]string{"Pizza 1", "5 Oak St"}, [2]string{"Pizza 2", "7 Elm St"}, far},
		{[2]string{"Pizza 1", "5 Oak St"}, [2]string{"Pizza 2", "5 Oak St"}, far},
		{[2]string{"Place 01", "1"}, [2]string{"Place 02", "1"}, far},
		{[2]string{"Ace", "5 Oak St"}, [2]string{"Act", "5 Oak St"}, far},
		{[2]string{"Bird", "5 Oak St"}, [2]string{"Boat", "5 Oak St"}, far},
		{[2]string{"Pizza", "5 Oak St"}, [2]string{"Pasta", "5 Oak St"}, far},
		{[2]string{"Noodle House", "5 Oak St"}, [2]string{"Noodle Bar", "5 Oak St"}, far},
		{[2]string{"The", "5 Oak St"}, [2]string{"Restaurant", "5 Oak St"}, far},
		{[2]string{"拉麵", "1 大街"}, [2]string{"牛肉", "1 大街"}, far},
		{[2]string{"🌭", "1 Main"}, [2]string{"🍕", "1 Main"}, far},
		{[2]string{"Harbour", "Old Port"}, [2]string{"Harbour", "New Port"}, far},
		{[2]string{"Harbour", "Old Port"}, [2]string{"Harbour", ""}, far},
	} {
		for _, turned := range []bool{false, true} {
			a, b := c.a, c.b
			if turned {
				a, b = b, a
			}
			if got := AlikeNames(a[0], b[0]) && AlikeAddresses(a[1], b[1]); got != c.want {
				t.Errorf("%q and %q are alike: %v, want %v", a, b, got, c.want)
			}
		}
	}
}
