package demo

import "fmt"

var surnames = []string{"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "罗", "郑", "欧阳"}

var givenNames = []string{"伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "艳", "勇", "军", "杰", "娟", "涛", "超", "明", "霞", "平", "晓雯", "子涵", "雨桐", "浩然", "思远", "嘉怡", "一诺", "文博", "梓萱", "俊杰"}

// somebody is nobody: the phone is of the range 138 0000 xxxx that Chinese
// examples use, the identity card of a region that does not exist.
func somebody(d dice) person {
	n := d.under(10000)
	p := person{
		name:   one(d, surnames) + one(d, givenNames),
		phone:  fmt.Sprintf("1380000%04d", n),
		email:  fmt.Sprintf("guest%04d@example.com", n),
		idCard: fmt.Sprintf("990000%04d%02d%02d%04d", d.between(1960, 2004), d.between(1, 12), d.between(1, 28), n),
	}
	if n%20 == 0 { // from abroad
		p.idCard, p.passport = "", fmt.Sprintf("DEMO%05d", n)
	}
	return p
}

var roomKinds = []*roomKind{
	{"rt-queen", "湖景大床房", yuan(428)},
	{"rt-twin", "庭院双床房", yuan(468)},
	{"rt-family", "家庭套房", yuan(688)},
	{"rt-suite", "行政套房", yuan(988)},
}

// hotelRooms are 40 rooms on four floors. The locks and speakers of the
// eighth floor name a room 8801, the PMS names it A8801.
func hotelRooms() []*room {
	var rooms []*room
	for _, floor := range []int{2, 3, 5, 88} {
		for n := 1; n <= 10; n++ {
			r := &room{id: len(rooms) + 11, door: fmt.Sprint(floor*100 + n), kind: roomKinds[(n-1)/4]}
			if floor == 88 {
				r.kind = roomKinds[3]
				r.pms = "A" + r.door
			} else {
				r.pms = r.door
			}
			rooms = append(rooms, r)
		}
	}
	return rooms
}

type dish struct {
	name  string
	price Fen
}

var dishes = []dish{
	{"片儿川", 3800},
	{"东坡肉套餐", 6800},
	{"龙井虾仁", 12800},
	{"扬州炒饭", 4200},
	{"番茄牛腩面", 4800},
	{"凯撒沙拉", 5800},
	{"总汇三明治", 6200},
	{"时令水果盘", 4600},
	{"小笼包(八只)", 2800},
	{"西湖牛肉羹", 5600},
	{"美式咖啡", 2600},
	{"拿铁咖啡", 3200},
	{"鲜榨橙汁", 3000},
	{"青岛啤酒", 1800},
	{"儿童套餐", 5200},
}

var roomGoods = []dish{
	{"矿泉水", 500},
	{"可乐", 800},
	{"薯片", 1200},
	{"坚果礼盒", 4800},
	{"一次性内裤", 1900},
	{"充电线", 3900},
	{"面膜", 2900},
	{"杭白菊茶", 2500},
	{"方便面", 1000},
	{"儿童拖鞋", 1500},
}

var freeSupplies = []string{"矿泉水", "浴巾", "牙具", "拖鞋", "枕头", "洗发水"}

type product struct {
	sku, item, title, spec, unit string
	price, cost                  Fen
	weighed                      bool // the price is that of a kilogram
}

func products() []*product {
	list := []product{
		{title: "农夫山泉 550ml", spec: "1*1", unit: "瓶", price: 200},
		{title: "可口可乐 330ml", spec: "1*1", unit: "罐", price: 350},
		{title: "元气森林 白桃", spec: "1*1", unit: "瓶", price: 550},
		{title: "东方树叶 茉莉花茶", spec: "1*1", unit: "瓶", price: 500},
		{title: "纯牛奶 250ml", spec: "1*12", unit: "箱", price: 5990},
		{title: "原味酸奶", spec: "1*6", unit: "组", price: 1680},
		{title: "手撕面包", spec: "400g", unit: "袋", price: 1390},
		{title: "鲜鸡蛋", spec: "1*10", unit: "盒", price: 1290},
		{title: "五常大米", spec: "5kg", unit: "袋", price: 5980},
		{title: "菜籽油", spec: "1.8L", unit: "桶", price: 3290},
		{title: "龙井虾仁速食", spec: "300g", unit: "盒", price: 4580},
		{title: "手工水饺", spec: "500g", unit: "袋", price: 2280},
		{title: "螺蛳粉", spec: "330g", unit: "袋", price: 1250},
		{title: "自热火锅", spec: "420g", unit: "盒", price: 1990},
		{title: "乐事薯片", spec: "75g", unit: "袋", price: 750},
		{title: "每日坚果", spec: "1*7", unit: "盒", price: 3990},
		{title: "黑巧克力", spec: "100g", unit: "块", price: 2150},
		{title: "挂耳咖啡", spec: "1*10", unit: "盒", price: 4900},
		{title: "西湖龙井", spec: "50g", unit: "罐", price: 12800},
		{title: "抽纸", spec: "1*6", unit: "提", price: 1890},
		{title: "洗衣液", spec: "2kg", unit: "瓶", price: 2990},
		{title: "一次性雨衣", spec: "1*1", unit: "件", price: 600},
		{title: "充电宝", spec: "10000mAh", unit: "个", price: 9900},
		{title: "鲜花 康乃馨", spec: "1*11", unit: "束", price: 8800},
		{title: "红富士苹果", spec: "散称", unit: "kg", price: 1280, weighed: true},
		{title: "车厘子", spec: "散称", unit: "kg", price: 8960, weighed: true},
		{title: "香蕉", spec: "散称", unit: "kg", price: 796, weighed: true},
		{title: "砂糖橘", spec: "散称", unit: "kg", price: 1190, weighed: true},
		{title: "牛腱子", spec: "散称", unit: "kg", price: 9680, weighed: true},
		{title: "基围虾", spec: "散称", unit: "kg", price: 11560, weighed: true},
		{title: "西红柿", spec: "散称", unit: "kg", price: 798, weighed: true},
		{title: "上海青", spec: "散称", unit: "kg", price: 699, weighed: true},
	}
	var out []*product
	for i := range list {
		p := &list[i]
		p.sku, p.item = fmt.Sprintf("%05d", 321+i*7), fmt.Sprintf("0527%05d", 6010+i*13)
		p.cost = p.price.permille(620)
		out = append(out, p)
	}
	return out
}

// platforms are where the shop sells, with their shares of the orders and
// what they keep, in thousandths.
var platforms = []struct {
	named
	share, keeps   int
	pay            []named
	carrier        named
	number, source string
}{
	{named{"meituan", "美团"}, 42, 65, []named{{"meituanpay", "美团支付"}}, named{"mtps", "美团配送"}, "3801%015d", "美团外卖"},
	{named{"eleme", "饿了么"}, 24, 60, []named{{"alipay", "支付宝"}}, named{"fengniao", "蜂鸟配送"}, "8012%014d", "饿了么"},
	{named{"jdo2o", "京东到家"}, 16, 50, []named{{"jdpay", "京东支付"}, {"wechat", "微信支付"}}, named{"dada", "达达"}, "2620%011d", "京东到家"},
	{named{"weapp", "云栖小程序"}, 18, 6, []named{{"wechat", "微信支付"}, {"storedvalue", "储值卡"}}, named{"dada", "达达"}, "WX%012d", "小程序"},
}

var courier = named{"gxd", "裹小递"}

var stores = []named{{"0571001", "云栖生活·湖滨店"}, {"0571002", "云栖生活·城西店"}}
