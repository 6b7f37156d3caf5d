import Files
import Foundation
import Records
import Testing

@Suite struct ShownTextTests {
    @Test(arguments: [
        ("\u{1B}[2Aup", "\\u{1B}[2Aup"), ("a\u{0}b\u{7F}", "a\\u{0}b\\u{7F}"), ("gpj\u{202E}exe", "gpj\\u{202E}exe"),
        ("a\u{200B}b\u{FEFF}", "a\\u{200B}b\\u{FEFF}"), ("\u{9B}31m", "\\u{9B}31m"), ("two\r\nlines\n", "two lines"),
        ("a\tb", "a b"), ("Müller, 日本 – x", "Müller, 日本 – x"), ("", ""),
    ])
    func whatATerminalActsOnAndWhatNobodySeesIsWrittenOut(text: String, shown: String) {
        #expect(ShownText.line(text) == shown)
        #expect(ShownText.line(shown) == shown)
        #expect(ShownText.isVisible(shown))
    }

    @Test func severalLinesStaySeveral() {
        #expect(ShownText.lines("one\n\u{1B}two\n") == "one\n\\u{1B}two\n")
    }

    @Test(arguments: ["x", "\u{1B}", "ä", "e\u{301}"]) func aLongTextLosesItsMiddleAndKeepsItsWayOut(part: String) {
        let text = "what: " + String(repeating: part, count: 100_000) + "; way out"
        let shown = ShownText.line(text, limit: 100)
        #expect(shown.unicodeScalars.count == 100)
        #expect(shown.hasPrefix("what: ") && shown.contains("…") && shown.hasSuffix("; way out"))
        #expect(ShownText.line(shown, limit: 100) == shown)
    }

    /// A child's last line must come through whole: 2,256 letters of four bytes and the code.
    @Test func noErrorIsLongerThanAPersonReads() {
        let failure = Failure(.config, String(repeating: "🔬", count: 9999), String(repeating: "🔬", count: 99_999))
        #expect(failure.subject?.unicodeScalars.count == 256)
        #expect(failure.message.unicodeScalars.count == 2000)
        #expect(failure.description.utf8.count < 10_000)
    }

    @Test func aFailureOfAnotherProcessIsAsForeignAsItsFile() throws {
        let json = #"{"code": "E_FILE", "subject": "a\u001b[2K", "message": "b\nwsi: all is well"}"#
        let failure = try JSONDecoder().decode(Failure.self, from: Data(json.utf8))
        #expect(failure.description == "error[E_FILE] a\\u{1B}[2K: b wsi: all is well")
    }
}
