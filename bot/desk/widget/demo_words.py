"""The demo shop's own words, in the three languages, and its drawings of goods."""

from typing import Any

from bot.words import Language

LANGUAGE_NAMES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}

WORDS: dict[Language, dict[str, Any]] = {
    Language.ZH_HANS: {
        "shop": "小满商店",
        "language": "语言",
        "hello": "您好，{name}",
        "hello_guest": "您好",
        "lead": "这是一个演示商店。选一笔订单，点“咨询这笔订单”，和退款助手聊一聊。",
        "who": "您是谁",
        "guest": "未登录的访客",
        "guest_note": "凭订单号和手机尾号核实",
        "orders": "我的订单",
        "try_orders": "可以试试这些订单",
        "try_note": "访客要说出订单号，再说出下单手机号的后四位。",
        "empty": "还没有订单。导入演示数据后，这里会显示订单。",
        "ask": "咨询这笔订单",
        "question": "我想咨询订单 {number}",
        "quantity": "数量 {n}",
        "total": "实付 {amount}",
        "phone_tail": "手机尾号 {tail}",
        "placed": "下单于 {date}",
        "delivered": "签收于 {date}",
        "foot": "演示数据，不会产生真实交易。",
        "console": "客服工作台",
        "markets": {"cn": "中国大陆", "tw": "中国台湾", "hk": "中国香港", "eu": "欧盟", "uk": "英国", "us": "美国"},
        "states": {
            "unpaid": "待付款", "paid": "待发货", "shipped": "运输中", "delivered": "已签收",
            "completed": "已完成", "cancelled": "已取消", "refunded": "已退款",
        },
        "categories": {
            "electronics": "电子产品", "clothes": "服装", "custom": "定制商品", "food": "食品", "cosmetics": "美妆",
            "digital": "数字商品", "shoes": "鞋", "bags": "箱包", "books": "图书", "fresh": "生鲜", "toys": "玩具",
            "home": "家居",
        },
    },
    Language.ZH_HANT: {
        "shop": "小滿商店",
        "language": "語言",
        "hello": "您好，{name}",
        "hello_guest": "您好",
        "lead": "這是一個示範商店。選一筆訂單，按「詢問這筆訂單」，和退款助理聊聊。",
        "who": "您是誰",
        "guest": "未登入的訪客",
        "guest_note": "以訂單編號和手機末四碼核對",
        "orders": "我的訂單",
        "try_orders": "可以試試這些訂單",
        "try_note": "訪客要說出訂單編號，再說出下單手機的末四碼。",
        "empty": "還沒有訂單。匯入示範資料後，這裡會顯示訂單。",
        "ask": "詢問這筆訂單",
        "question": "我想詢問訂單 {number}",
        "quantity": "數量 {n}",
        "total": "實付 {amount}",
        "phone_tail": "手機末四碼 {tail}",
        "placed": "{date} 下單",
        "delivered": "{date} 簽收",
        "foot": "示範資料，不會產生真實交易。",
        "console": "客服工作台",
        "markets": {"cn": "中國大陸", "tw": "台灣", "hk": "香港", "eu": "歐盟", "uk": "英國", "us": "美國"},
        "states": {
            "unpaid": "待付款", "paid": "待出貨", "shipped": "配送中", "delivered": "已簽收",
            "completed": "已完成", "cancelled": "已取消", "refunded": "已退款",
        },
        "categories": {
            "electronics": "電子產品", "clothes": "服飾", "custom": "客製商品", "food": "食品", "cosmetics": "美妝",
            "digital": "數位商品", "shoes": "鞋", "bags": "包包", "books": "書籍", "fresh": "生鮮", "toys": "玩具",
            "home": "居家",
        },
    },
    Language.EN: {
        "shop": "Grain & Co.",
        "language": "Language",
        "hello": "Hello, {name}",
        "hello_guest": "Hello",
        "lead": "This is a demo shop. Pick an order, press “Ask about this order”, and talk to the refund assistant.",
        "who": "Who you are",
        "guest": "Guest, not signed in",
        "guest_note": "Proves an order by its number and phone",
        "orders": "My orders",
        "try_orders": "Orders to try",
        "try_note": "A guest gives the order number, then the last four digits of the phone it was placed with.",
        "empty": "No orders yet. They show up here once the demo data is imported.",
        "ask": "Ask about this order",
        "question": "I have a question about order {number}",
        "quantity": "Quantity {n}",
        "total": "Paid {amount}",
        "phone_tail": "Phone ends in {tail}",
        "placed": "Placed {date}",
        "delivered": "Delivered {date}",
        "foot": "Demo data. No real purchase is made.",
        "console": "Agents’ console",
        "markets": {
            "cn": "Mainland China", "tw": "Taiwan", "hk": "Hong Kong", "eu": "European Union",
            "uk": "United Kingdom", "us": "United States",
        },
        "states": {
            "unpaid": "Unpaid", "paid": "To be shipped", "shipped": "On its way", "delivered": "Delivered",
            "completed": "Completed", "cancelled": "Cancelled", "refunded": "Refunded",
        },
        "categories": {
            "electronics": "Electronics", "clothes": "Clothes", "custom": "Made to order", "food": "Food",
            "cosmetics": "Cosmetics", "digital": "Digital goods", "shoes": "Shoes", "bags": "Bags", "books": "Books",
            "fresh": "Fresh food", "toys": "Toys", "home": "Home",
        },
    },
}  # fmt: skip

DRAWINGS = {
    "electronics": "M17 7v11M31 7v11M12 18h24v6a12 12 0 0 1-24 0zM24 36v6",
    "clothes": "M17 8c2 4 12 4 14 0l10 5-4 9-5-2v21H16V20l-5 2-4-9z",
    "custom": "M9 12h24v24a4 4 0 0 1-4 4H13a4 4 0 0 1-4-4zM33 17h3a5 5 0 0 1 0 13h-3M21 32c-4-3-7-5-7-8a3.5 3.5 0 0 1 7-1 3.5 3.5 0 0 1 7 1c0 3-3 5-7 8z",  # noqa: E501
    "food": "M8 18h32v21H8zM8 18l4-8h24l4 8M24 10v29M17 26h14",
    "fresh": "M24 14c1-5 5-7 9-7-1 5-4 7-9 7zM17 20a5 5 0 1 0 .1 0M31 20a5 5 0 1 0 .1 0M24 29a5 5 0 1 0 .1 0M24 14v6",
    "cosmetics": "M12 22h24v16a4 4 0 0 1-4 4H16a4 4 0 0 1-4-4zM14 22v-8h20v8M18 30h12",
    "digital": "M6 9h36v25H6zM17 42h14M24 34v8M19 17l-5 5 5 5M29 17l5 5-5 5",
    "shoes": "M6 18c4 3 8 2 10-2l10 9c4 3 16 2 16 9v4H6zM6 33h36M22 22l3-3M26 25l3-3",
    "bags": "M12 18h24l3 23H9zM18 18v-4a6 6 0 0 1 12 0v4M16 28h16v7H16z",
    "books": "M8 9h13a4 4 0 0 1 3 2 4 4 0 0 1 3-2h13v28H27a4 4 0 0 0-3 2 4 4 0 0 0-3-2H8zM24 11v28",
    "toys": "M8 24h14v15H8zM26 24h14v15H26zM17 9h14v15H17zM21 5h6v4h-6z",
    "home": "M6 36V14M6 30h36v6M42 30v-5a5 5 0 0 0-5-5H20v10M13 25a3 3 0 1 0 .1 0",
}
"""One stroke path on a 48 × 48 grid per category."""

OTHER_DRAWING = "M8 15l16-8 16 8v19l-16 8-16-8zM8 15l16 8 16-8M24 23v19"
