package fault_test
import ("testing";"fmt")
func TestZZ(t *testing.T){ s,o:=sound(t); for _,k:=range o { fmt.Println(k,"=",s[k]) } }
