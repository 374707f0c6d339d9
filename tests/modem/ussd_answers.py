"""USSD answers as modems write them: the line, its <m>, and the text that a person reads.

The shapes are those of real answers (gammu issues 109, 150, 179, 358, 377, 513; the manuals of MikroTik and Nokia);
amounts and names are invented.
"""

from __future__ import annotations

from gateway.sms import alphabet, septets


def wide(text: str) -> str:
    return text.encode("utf-16-be").hex().upper()


def packed(text: str) -> str:
    units = alphabet.to_septets(text)
    return septets.pack(units + b"\r" if len(units) % 8 == 7 else units).hex().upper()


def octets(text: str) -> str:
    return text.encode().hex().upper()


def answer(raw: str, tail: str = ",15", state: int = 0) -> str:
    return f'+CUSD: {state},"{raw}"{tail}'


BALANCE = "Balance: 12.50 RUB"
LINES = "Vash balans 96.90 r.\nDlya vas: *320#"
RUSSIAN = "Баланс 123,45 руб. Подробно: *105#"
HUNGARIAN = "Havi keret: 30Ft, ebből felhasznált"
CHINESE = "余额：8.50元，有效期至2027年"
ARABIC = "رصيدك هو 10"
CHOICE = "Dear customer, choose: 1. Data 2. SMS"
MENU = "Sisa pulsa Rp.3000. Aktif sd 26/02/2027.\n1.YA\n2.Cek Kuota"
GARBAGE = "0000FFFF60B16260EEEEFFFFFFFF"

ANSWERS = {
    "plain": (answer(BALANCE), 0, BALANCE),
    "plain, no data coding": (answer(BALANCE, ""), 0, BALANCE),
    "plain, no quotes": (f"+CUSD: 0,{BALANCE},15", 0, BALANCE),
    "plain, a comma and no quotes": ("+CUSD: 0,Balance: 12,50", 0, "Balance: 12,50"),
    "packed, no quotes": (f"+CUSD: 0,{packed(BALANCE)},15", 0, BALANCE),
    "plain, quotes in the text": (answer('Tariff "Smart" is on'), 0, 'Tariff "Smart" is on'),
    "plain, several lines": (answer(f" {LINES}", ""), 0, LINES),
    "plain digits are an amount": (answer("2500"), 0, "2500"),
    "plain digits and a currency": (answer("2500 RUR"), 0, "2500 RUR"),
    "plain digits of a card": (answer("4276380012345678"), 0, "4276380012345678"),
    "plain, in UTF-8": (answer("Баланс 5 р".encode().decode("latin-1")), 0, "Баланс 5 р"),
    "plain, cut before its quotes": ('+CUSD: 0,"Balance 5', 0, "Balance 5"),
    "UCS-2": (answer(wide(RUSSIAN), ",72"), 0, RUSSIAN),
    "UCS-2, small letters": (answer(wide(RUSSIAN).lower(), ",72"), 0, RUSSIAN),
    "UCS-2 under the data coding of GSM 7-bit": (answer(wide(HUNGARIAN), state=2), 2, HUNGARIAN),
    "UCS-2 without a data coding": (answer(wide(CHINESE), ""), 0, CHINESE),
    "UCS-2, Chinese under 15": (answer(wide(CHINESE)), 0, CHINESE),
    "UCS-2, its language before it": (answer(packed("ar") + wide(ARABIC), ",17"), 0, ARABIC),
    "UCS-2, garbage behind a NUL": (answer(wide(RUSSIAN) + GARBAGE, ",72"), 0, RUSSIAN),
    "UCS-2, cut in the middle of a letter": (answer(wide("Баланс") + "04", ",72"), 0, "Баланс"),
    "UCS-2, plain quotes inside": (answer(wide("Gudok ") + '"Shape"' + wide(" ok"), ""), 0, 'Gudok "Shape" ok'),
    "UCS-2, stray octets behind it": (answer(wide("Счёт 5") + "\x02", ",72\x1a"), 0, "Счёт 5"),
    "UCS-2 of digits alone": (answer(wide("12")), 0, "12"),
    "packed": (answer(packed(BALANCE)), 0, BALANCE),
    "packed, data coding 0 after a blank": (answer("EBB79B1E0685E9ECF4BADE9E03", ", 0"), 0, "konta atlikums"),
    "packed, data coding 1, small letters": (answer(packed(CHOICE).lower(), ",1", 1), 1, CHOICE),
    "packed, with a euro": (answer(packed("Guthaben 5,20 €")), 0, "Guthaben 5,20 €"),
    "packed, seven spare bits": (answer(packed("Balance")), 0, "Balance"),
    "packed, its language before it": (answer(packed(f"en\r{BALANCE}"), ",16"), 0, BALANCE),
    "octets, a menu": (answer(octets(f"{MENU}\n"), ",0", 1), 1, MENU),
    "octets under 15": (answer(octets(LINES)), 0, LINES),
    "octets under their own data coding": (answer(octets(BALANCE).lower(), ",68"), 0, BALANCE),
    "an empty text": ('+CUSD: 0,""', 0, ""),
    "no text: ended": ("+CUSD: 2", 2, ""),
    "no text: not supported": ("+CUSD: 4", 4, ""),
    "no text, commas": ("+CUSD: 2,,", 2, ""),
    "no blank": ('+CUSD:0,"Balance 5",15', 0, "Balance 5"),
}
