module attributes {attune.entries = "{\22attune\22:\220\22,\22abi\22:1,\22entries\22:[{\22name\22:\22f\22,\22sizes\22:[],\22args\22:[],\22results\22:[]}]}"} {
  llvm.func @f() {
    PLANT
    llvm.return
  }
}
