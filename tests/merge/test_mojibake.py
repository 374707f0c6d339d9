"""Letters read by the wrong table name nobody; real names of any language stay what they are."""

from __future__ import annotations

import re

import pytest

from gateway.i18n import LOCALE_FOLDER
from gateway.merge.cells import tidied
from gateway.merge.filling import Unfilled, render
from gateway.merge.mojibake import is_misread
from gateway.merge.template import Column, compile_template

NAMES = {
    "Russian": "Иван|Анна|Ёлкина Алёна|Королёв-Ежов|Ёжик|мама|Сё Рё|И. И. Иванов|ЩЁЛОКОВ|Ромашка® №1"
    "|дед\xa0и\xa0баба|Ёлка\xa0дома\xa0и\xa0мебель|Пере\xadклад\xadчик",
    "Russian, lower case": "•анализ|мама • папа|анализ – мед|коли «мед»|диск ®|клиника ©|кабинет‚ 5|10 € за день"
    "|§ 5|а€",
    "drawn": "│Иванов│|╔══╗|└──┘|═══|▓▓▓|█ важно|─ Анна ─|чай шаг|чайшам",
    "Ukrainian": "Їжакевич Її|Євген Ґудзь|Сірко Рі|Марія Іванів|РІЗНЕ|Сєдов",
    "Belarusian": "Ўладзімір|Аляксандр Ўсё",
    "Serbian": "Његош|Љубица Ђорђевић|Џеј|Ћелав|Јовановић",
    "Kazakh": "Әлия Нұрланқызы|Ғабит Өтегенов|Қайрат Үсенұлы",
    "German": "Jürgen Müller|GROẞ|Weiß|KÄßBOHRER|ÄÖÜ|Größe „M“|Fräulein Österreich|50 €",
    "French": "Éloïse Lefèvre|«CAFÉ» «THÉ»|CAFÉ… THÉ…|FRANÇOIS Île\xa0|MARIÉ\xa0THÉ\xa0|Mœurs|PRÉ’ CÉ’",
    "Spanish": "Muñoz Peña|ÑUÑEZ|José María|¿Qué? ¡Sí!|NIÑO™ AÑO™",
    "Portuguese": "João Conceição|IRMÃ… AMANHÃ…|IRMÃ” MANHÃ”|SÃO JOÃO",
    "Czech": "TOMÍŠEK ÚŠA|Božena Němcová|ÉŠ ÍŠ|Řehoř Žižka|Lukáš Dušek",
    "Swedish": "Åsa Öberg|PÅ– SMÅ–|Å\xa0Å\xa0|Björn Ångström",
    "Icelandic": "GUÐRÚN ÞÓRÐARDÓTTIR|Friðrik Þór|Ð",
    "Turkish": "Şükrü Çağlar|İbrahim Işık",
    "Chinese": "王小明|李娜（女）|欧阳",
    "Vietnamese": "Nguyễn Thị Ánh|Đặng Văn Hải",
}


def test_no_word_of_our_own_texts_is_taken_for_misread() -> None:
    """Thousands of them, Russian and Chinese ones with their marks among the English, each by itself."""
    texts = [path.read_text(encoding="utf-8") for path in LOCALE_FOLDER.glob("*/LC_MESSAGES/*.po")]
    words = {word for text in texts for word in re.findall(r"[^\s\"]+", text)}
    assert len(words) > 5_000
    assert [word for word in words if is_misread(word)] == []


def misread(text: str, wrote: str, read: str) -> str:
    """As Windows reads it: a control code for an octet that its table lacks."""
    return "".join(
        chr(octet) if bytes([octet]).decode(read, "ignore") == "" else bytes([octet]).decode(read)
        for octet in text.encode(wrote)
    )


def written(cell: str) -> str:
    """What a text says of the cell, or why it can't."""
    try:
        return render(compile_template("{Имя}", [Column("Имя", 0)]), [tidied(cell)])
    except Unfilled as problem:
        return problem.code


@pytest.mark.parametrize("language", NAMES)
def test_no_real_name_is_taken_for_misread(language: str) -> None:
    assert [name for name in NAMES[language].split("|") if is_misread(name) or written(name) == "cell_error"] == []


@pytest.mark.parametrize(
    "name", ["Иван", "Анна", "Ольга Петровна", "Ёлкин Пётр", "Рая Сорока", "Їжак", "王小明", "ул. Мира, 5"]
)
def test_utf_8_read_by_an_old_table_is_an_error(name: str) -> None:
    assert written(misread(name, "utf-8", "cp1252")) == "cell_error"
    assert written(name.encode().decode("latin-1")) == "cell_error"


@pytest.mark.parametrize("name", ["José María", "João São", "Müller, Jürgen", "Łukasz Wałęsa"])
def test_western_letters_are_too(name: str) -> None:
    assert written(misread(name, "utf-8", "cp1252")) == "cell_error"


@pytest.mark.parametrize("name", ["Иван", "Анна", "Ольга Петровна", "Рая Сорока", "Терапевт"])
def test_utf_8_read_as_russian_windows_is_an_error(name: str) -> None:
    assert written(misread(name, "utf-8", "cp1251")) == "cell_error"


@pytest.mark.parametrize(
    "name",
    [
        *("Иван", "Анна", "Попов", "Ольга", "Королёва Мария", "ИВАНОВ ПЁТР", "Смирнов И. И.", "Мария", "Терапевт"),
        *("Гусев", "Елена", "Татьяна", "Игорь", "ПЕТРОВ", "КОРОЛЁВ", "МАРИЯ", "Австралия"),
    ],
)
def test_dos_letters_read_as_windows_are_an_error(name: str) -> None:
    assert written(misread(name, "cp866", "cp1251")) == "cell_error"


@pytest.mark.parametrize("name", ["Иван", "Анна", "Гусев", "Ким А. В.", "Ёлкина Алёна", "ИВАНОВ", "КОРОЛЁВА МАРИЯ"])
@pytest.mark.parametrize("wrote", ["cp1251", "utf-8"])
def test_what_was_read_as_dos_is_an_error(name: str, wrote: str) -> None:
    assert written(misread(name, wrote, "cp866")) == "cell_error"
