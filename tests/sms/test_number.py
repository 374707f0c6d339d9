"""Recipients as people write them, and why some are refused."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sms.number import Number, NumberError, mask, parse

MOBILE = "+79000001234"

WRITTEN = {
    "E.164": "+79000001234",
    "with the trunk prefix": "8 900 000-12-34",
    "brackets": "8(900)000-12-34",
    "brackets and spaces": "8 (900) 000 12 34",
    "country code": "+7 (900) 000-12-34",
    "country code without plus": "79000001234",
    "without any prefix": "9000001234",
    "dots": "8.900.000.12.34",
    "slashes": "8/900/0001234",
    "prefix for abroad": "0079000001234",
    "prefix for abroad, with spaces": "00 7 900 000 12 34",
    "label": "тел. 89000001234",
    "label without space": "тел.:89000001234",
    "two labels": "моб. тел. 8 900 000 12 34",
    "label behind": "89000001234 (мама)",
    "Chinese label behind": "89000001234（妈）",
    "Chinese relative in front": "家长89000001234",
    "spouse": "8 900 000-12-34 (супруга)",
    "Chinese extension": "８９０００００１２３４转8",
    "Chinese word for an extension": "8-900-000-12-34 分机 512",
    "label and relative": "WhatsApp +7 900 000-12-34, мать",
    "number sign": "№ 8 900 000 12 34",
    "URI": "tel:+79000001234",
    "extension": "8 900 000-12-34 доб. 5",
    "extension in brackets": "8 900 000-12-34 (доб. 512)",
    "English extension": "+7 900 000 12 34 ext 5",
    "short English extension": "+7 900 000 12 34 x5",
    "no-break spaces": "8\u00a0900\u00a0000\u00a012\u00a034",
    "narrow spaces and figure dash": "8\u202f900\u2009000\u201212\u201234",
    "minus signs": "8\u2212900\u2212000\u221212\u221234",
    "full-width": "＋７９０００００１２３４",
    "Arabic digits": "\u0668\u0669\u0660\u0660\u0660\u0660\u0660\u0661\u0662\u0663\u0664",
    "Devanagari digits": "\u096e\u096f\u0966\u0966\u0966\u0966\u0966\u0967\u0968\u0969\u096a",
    "invisible marks": "\u202a+79000001234\u202c\ufeff",
    "apostrophe of a spreadsheet": "'89000001234",
    "quotation marks": "«89000001234»",
    "full stop": "89000001234.",
    "comma": "89000001234,",
    "wrapped": "8 900\n000-12-34",
    "surrounding blanks": "\t 89000001234\r\n",
    "abbreviated label": "с.т. 8-900-000-12-34",
    "telephone sign": "☎ 8 900 000-12-34",
    "list dash": "- 8 900 000-12-34",
    "whole float": "89000001234.0",
    "whole float with an invisible mark": "89000001234\u200b.0",
    "whole float of ten digits": "9000001234.00",
    "whole float with a comma": "79000001234,0",
    "float with every digit": "7.9000001234E+10",
    "float with every digit and a comma": "7,9000001234e10",
    "float of ten digits with every digit": "9.000001234E+09",
    "float with noughts behind": "8.90000012340E+10",
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_a_mobile_number_is_read_however_it_is_written(text: str) -> None:
    assert parse(text, "RU") == Number(MOBILE)


ELSEWHERE = {
    "Kazakh from Russia with the trunk prefix": ("8 701 000 12 34", "RU", "+77010001234"),
    "Kazakh from Russia with plus": ("+7 701 000 12 34", "RU", "+77010001234"),
    "Kazakh at home": ("7010001234", "KZ", "+77010001234"),
    "Russian in Kazakhstan, country code": ("79000001234", "KZ", "+79000001234"),
    "Russian in Kazakhstan, trunk prefix": ("89000001234", "KZ", "+79000001234"),
    "Chinese at home": ("138 1234 5678", "CN", "+8613812345678"),
    "Chinese at home, country code": ("8613812345678", "CN", "+8613812345678"),
    "Chinese label": ("手机：13812345678", "CN", "+8613812345678"),
    "Ukrainian with plus": ("+380 50 000 12 34", "RU", "+380500001234"),
    "Uzbek with prefix for abroad": ("00998 90 000 12 34", "RU", "+998900001234"),
    "Ukrainian with the Russian prefix for abroad": ("8 10 380 50 000 12 34", "RU", "+380500001234"),
    "American: landlines and mobiles look alike": ("+1 202 555 0123", "RU", "+12025550123"),
    "American at home": ("(202) 555-0123", "US", "+12025550123"),
    "German with a trunk nought in brackets": ("+49 (0)1512 0000123", "RU", "+4915120000123"),
    "German at home": ("0151/20000123", "DE", "+4915120000123"),
    "Belarusian trunk prefix": ("8 029 600-12-34", "BY", "+375296001234"),
    "Italian with a country code that is also an area": ("3200001234", "IT", "+393200001234"),
    "no clinic's identity shapes abroad": ("0470 123456", "BE", "+32470123456"),
}


@pytest.mark.parametrize(("text", "country", "msisdn"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_numbers_of_other_countries_are_read(text: str, country: str, msisdn: str) -> None:
    assert parse(text, country).msisdn == msisdn


REFUSED = {
    "empty": ("", "no_phone"),
    "blanks": (" \u00a0\t", "no_phone"),
    "dash": ("-", "no_phone"),
    "long dash": ("—", "no_phone"),
    "no": ("нет", "no_phone"),
    "no phone": ("нет телефона", "no_phone"),
    "declined": ("отказ от смс", "no_phone"),
    "declined, with a number": ("89000001234 отказ от смс", "no_phone"),
    "do not call": ("не звонить! 89000001234", "no_phone"),
    "question mark": ("?", "no_phone"),
    "a name": ("Иванова", "no_phone"),
    "not applicable": ("n/a", "no_phone"),
    "landline": ("8 (495) 123-45-67", "landline"),
    "landline without prefix": ("495 123 45 67", "landline"),
    "landline with extension": ("8 495 123-45-67 доб. 5", "landline"),
    "landline abroad": ("+44 20 7123 4567", "landline"),
    "toll-free": ("8 800 200-12-34", "toll_free"),
    "premium": ("8 809 200 12 34", "invalid_recipient"),
    "emergency": ("112", "emergency_number"),
    "ambulance": ("103", "emergency_number"),
    "ambulance of old": ("03", "emergency_number"),
    "emergency with plus": ("+112", "emergency_number"),
    "emergency abroad": ("911", "emergency_number"),
    "emergency as a float": ("112.0", "emergency_number"),
    "short code": ("900", "short_code"),
    "long short code": ("12345", "short_code"),
    "a digit missing": ("8 900 000-12-3", "too_short"),
    "a digit missing after the country code": ("+7 900 000-12-3", "too_short"),
    "a digit missing, country code without plus": ("7900000123", "too_short"),
    "nine digits": ("900000123", "too_short"),
    "a digit missing, though it passes for a company's INN": ("8900000008", "too_short"),
    "eleven digits behind another country's nought": ("07900 000103", "too_long"),
    "without its area": ("123-45-76", "too_short"),
    "six digits": ("12-34-65", "too_short"),
    "one digit": ("8", "too_short"),
    "a digit too many": ("8 900 000-12-345", "too_long"),
    "a digit too many after the country code": ("+7 900 000-12-345", "too_long"),
    "foreign without plus": ("380500001234", "too_long"),
    "sixteen digits": ("8900000123412345", "too_long"),
    "thirty digits": ("890000012341234512345123451234", "too_long"),
    "two endings": ("8 900 000-12-34/36", "too_long"),
    "sixteen digits that a spreadsheet cut": ("8900000123412340", "precision_lost"),
    "digits lost": ("7,9E+10", "precision_lost"),
    "six digits left": ("7.90000E+10", "precision_lost"),
    "last digit lost or nought": ("7.900000123E+10", "precision_lost"),
    "exponent without point": ("8E+10", "precision_lost"),
    "fraction in exponent form": ("7.90000012345E+10", "precision_lost"),
    "long float": ("8900000123412345.0", "precision_lost"),
    "long exponent": ("8.900000123412345E+15", "precision_lost"),
    "huge exponent": ("1E999", "precision_lost"),
    "letter for nought": ("8900000123О", "letters"),
    "letter in the middle": ("8900ООО1234", "letters"),
    "vanity": ("8-900-FLOWERS", "letters"),
    "somebody's name": ("Иванова 89000001234", "letters"),
    "label among digits": ("8900 тел 0001234", "letters"),
    "mail address": ("ivan@mail.example", "invalid_recipient"),
    "mail address with digits": ("ivan89000001234@mail.example", "invalid_recipient"),
    "date": ("12.05.1980", "invalid_recipient"),
    "short date": ("12.05.80", "invalid_recipient"),
    "date and time": ("2026-03-04 00:00:00", "invalid_recipient"),
    "time": ("10:30", "invalid_recipient"),
    "month in words": ("12 мая 1980", "invalid_recipient"),
    "SNILS": ("123-456-789 01", "invalid_recipient"),
    "SNILS, digits only": ("11223344595", "invalid_recipient"),
    "SNILS with noughts for a check": ("08765430300", "invalid_recipient"),
    "INN of a person": ("500100732259", "invalid_recipient"),
    "INN by its label": ("ИНН 7700000000", "invalid_recipient"),
    "passport": ("4510 123456", "invalid_recipient"),
    "passport that could be a mobile": ("92 12 345678", "invalid_recipient"),
    "passport with number sign": ("9212 № 345678", "invalid_recipient"),
    "fraction": ("9000001234.5", "invalid_recipient"),
    "stars": ("8900***1234", "invalid_recipient"),
    "USSD": ("*100#", "invalid_recipient"),
    "plus behind": ("89000001234+", "invalid_recipient"),
    "plus behind the country code": ("79000001234+", "invalid_recipient"),
    "plus in the middle": ("8+79000001234", "invalid_recipient"),
    "plus before the trunk prefix": ("+8 900 000-12-34", "invalid_recipient"),
    "no such area": ("8 100 200 12 34", "invalid_recipient"),
    "a whole letter": ("89000001234 " * 50, "invalid_recipient"),
    "noughts": ("00000000000", "placeholder"),
    "nines": ("89999999999", "placeholder"),
    "nines with plus": ("+7 (999) 999-99-99", "placeholder"),
    "noughts after the prefix": ("8 000 000-00-00", "placeholder"),
    "counting": ("1234567890", "placeholder"),
    "counting after the prefix": ("8 123 456-78-90", "placeholder"),
    "sixteen noughts": ("0000000000000000", "placeholder"),
    "a telephone's star key code": ("*8900001234", "invalid_recipient"),
    "a name in brackets": ("8 900 000-12-34 (Ольга)", "letters"),
    "hours beside it": ("89000001234 с 9 до 18", "letters"),
    "ones": ("11111111111", "placeholder"),
    "two numbers": ("89000001234, 89000004321", "ambiguous"),
    "two numbers by or": ("89000001234 или 89000004321", "ambiguous"),
    "two numbers by a space": ("89000001234 89000004321", "ambiguous"),
    "two numbers in lines": ("8 900 000-12-34\n8 900 000-43-21", "ambiguous"),
    "two numbers with plus": ("+79000001234 +79000004321", "ambiguous"),
    "two numbers with plus and nothing between": ("+79000001234+79000004321", "ambiguous"),
    "mobile and a number without its area": ("8 900 000-12-34/123-45-67", "ambiguous"),
    "mobile and landline": ("8 900 000-12-34; 8 495 123-45-67", "ambiguous"),
    "two endings by comma": ("8 900 000-12-34, 36", "ambiguous"),
    "Kazakh or a digit lost": ("7010001234", "ambiguous"),
}


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_mobile_number_is_refused_for_its_cause(text: str, code: str) -> None:
    with pytest.raises(NumberError) as caught:
        parse(text, "RU")
    assert caught.value.code == code


@pytest.mark.parametrize("text", [text for text, _ in REFUSED.values()], ids=REFUSED)
def test_a_reason_is_one_sentence_without_the_number(text: str) -> None:
    with pytest.raises(NumberError) as caught:
        parse(text, "RU")
    assert caught.value.reason.endswith(".")
    assert not any(character.isdigit() for character in str(caught.value))


def test_a_number_that_a_country_reads_two_ways_is_ambiguous() -> None:
    with pytest.raises(NumberError) as caught:
        parse("491712345678", "DE")  # (0)4917 12345678, or +49 171 2345678
    assert caught.value.code == "ambiguous"
    assert parse("+491712345678", "DE").msisdn == "+491712345678"


def test_a_listed_short_code_is_allowed() -> None:
    assert parse("900", "RU", ("900",)) == Number("900", is_short_code=True)
    assert parse("9-00", "RU", ("900",)).msisdn == "900"


def test_an_emergency_number_is_never_allowed() -> None:
    with pytest.raises(NumberError) as caught:
        parse("112", "RU", ("112",))
    assert caught.value.code == "emergency_number"


def test_a_short_code_with_a_plus_sign_is_none() -> None:
    with pytest.raises(NumberError) as caught:
        parse("+900", "RU", ("900",))
    assert caught.value.code == "too_short"


PEOPLE_WRITE = st.text(st.sampled_from("0123456789+-() .,/;:EeтелдобxN№#@*\n\u00a0\u0660９—"), max_size=40)


@given(st.one_of(st.text(max_size=60), PEOPLE_WRITE), st.sampled_from(["RU", "KZ", "CN", "US", "DE", "IT", "XX"]))
def test_any_text_is_a_number_or_refused(text: str, country: str) -> None:
    try:
        number = parse(text, country)
    except NumberError:
        return
    assert number.msisdn[0] == "+"
    assert number.msisdn[1:].isdecimal()
    assert number.msisdn.isascii()


@given(st.integers(0, 9999), st.text(" -()\u00a0", min_size=7, max_size=7), st.sampled_from(["+7", "8", "7", ""]))
def test_separators_never_change_the_number(last: int, separators: str, prefix: str) -> None:
    groups = (prefix, "900", "000", f"{last // 100:02}", f"{last % 100:02}")
    assert parse("".join(map("".join, zip(groups, separators, strict=False))), "RU").msisdn == f"+7900000{last:04}"


@given(st.integers(0, 9999))
def test_a_number_is_read_again_as_itself(last: int) -> None:
    msisdn = f"+7900000{last:04}"
    assert parse(parse(msisdn, "RU").msisdn, "CN").msisdn == msisdn


def test_a_number_shows_nothing_in_its_repr() -> None:
    assert "900" not in repr(Number(MOBILE))


MASKS = {
    "Russian": ("+79000001234", "+7******1234"),
    "short": ("900", "***"),
    "eight digits": ("+12345678", "+1***5678"),
    "seven digits": ("+1234567", "+*******"),
    "a name": ("Clinic", "******"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("msisdn", "masked"), MASKS.values(), ids=MASKS)
def test_a_mask_leaves_the_last_four_digits(msisdn: str, masked: str) -> None:
    assert mask(msisdn) == masked


def test_the_number_library_is_loaded_only_when_a_number_is_read() -> None:
    program = (
        "import sys; import gateway.sms.number as n, gateway.sms.segmentation as s; s.count('Ждём вас' * 50);"
        "assert not {'phonenumbers', 'regex'} & set(sys.modules); n.parse('89000001234', 'RU');"
        "assert not {'phonenumbers.geocoder', 'phonenumbers.timezone', 'phonenumbers.carrier'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
