import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct JSONCursorTests {
    private func read<Value>(_ text: String, _ body: (inout JSONCursor) -> Value) -> Value {
        Data(text.utf8).withUnsafeBytes { bytes in
            var cursor = JSONCursor(bytes)
            return body(&cursor)
        }
    }

    /// What is read, where nothing follows it.
    private func whole<Value>(_ text: String, _ body: (inout JSONCursor) -> Value?) -> Value? {
        read(text) { cursor in
            let value = body(&cursor)
            return cursor.isAtEnd ? value : nil
        }
    }

    @Test func textsAreThoseOfADecoder() {
        for text in [
            #""""#, #""a b""#, #"  "é²""#, #""\"\\\/\n\u00e9""#, #""a\\""#, #""\ud83d\ude00 x""#, "\"a\u{1}b\"",
            #""\x""#, "\"", #""a"#,
            #""a\""#, "a", "", #""\ud83d""#,
        ] {
            let wanted = try? JSONDecoder().decode(String.self, from: Data(text.utf8))
            #expect(whole(text) { $0.text() } == wanted, "\(text)")
        }
        let broken = Data([0x22, 0xC3, 0x28, 0x22])
        #expect(
            broken.withUnsafeBytes { bytes in
                var cursor = JSONCursor(bytes)
                return cursor.text()
            } == nil
        )
    }

    @Test func plainTextsAreThoseWithoutSignsOfTheirOwnAndOthersAreNotPassed() {
        for text in ["", "a b", "contours/S-1 (2).jpg", "~{[,]}:"] {
            let found = whole(" \"\(text)\"\n") { $0.plainText().map { String(decoding: $0, as: UTF8.self) } }
            #expect(found == text)
        }
        for text in [
            #""a\"b""#, #""a\\""#, #""\u0061""#, "\"é\"", "\"a\u{1}\"", "\"\u{7F}\"", "\"a", "\"", "a", "", "1",
        ] {
            let left = read(text) { cursor in
                let isPlain = cursor.plainText() != nil
                return isPlain ? nil : cursor.text()
            }
            #expect(left == read(text) { $0.text() }, "\(text)")
        }
    }

    @Test func plainTextsOfAnyLengthEndAtWhateverIsNotPlain() {
        let others = [0x00, 0x1F, 0x22, 0x5C, 0x7F, 0x80, 0xA0, 0xA2, 0xDC, 0xFF] as [UInt8]
        for count in 0..<40 {
            let text = String((0..<count).map { Character(Unicode.Scalar(UInt8(0x23 + $0))) })
            #expect(whole("\"\(text)\"") { $0.plainText()?.count } == count)
            for (place, other) in (0..<count).flatMap({ place in others.map { (place, $0) } }) where other != 0x22 {
                var bytes = Array("\"\(text)\"".utf8)
                bytes[place + 1] = other
                let isPlain = bytes.withUnsafeBytes { bytes in
                    var cursor = JSONCursor(bytes)
                    return cursor.plainText() != nil
                }
                #expect(!isPlain, "\(other) at \(place) of \(count)")
            }
        }
        // A sign that is plain is so beside any other one.
        for (one, other) in (0x20...0x7E).flatMap({ one in (0x20...0x7E).map { (UInt8(one), UInt8($0)) } }) {
            let isPlain = ![one, other].contains { $0 == 0x22 || $0 == 0x5C }
            let bytes = [0x22, one, other, one, other, one, other, one, other, 0x22] as [UInt8]
            let count = bytes.withUnsafeBytes { bytes in
                var cursor = JSONCursor(bytes)
                return cursor.plainText()?.count
            }
            if isPlain { #expect(count == 8, "\(one) \(other)") } else { #expect(count ?? 0 < 8, "\(one) \(other)") }
        }
    }

    @Test func numbersAreThoseOfADecoder() {
        for text in [
            "0", "-0", " 12", "1.5", "-1e-300", "1.7e308", "123456789012345678", "0.1", "1E5", "0e0", "10", "-0.5e+3",
        ] {
            let wanted = try? JSONDecoder().decode(Double.self, from: Data(text.utf8))
            #expect(wanted != nil && whole(text) { $0.number() } == wanted, "\(text)")
            #expect(whole(text) { $0.takeNumber() ? true : nil } == true, "\(text)")
        }
        let none = ["", "nan", "inf", "1e999", "0x1p3", "+1", ".5", "1x", "-", "\"1\"", "1 2"]
        for text in none + ["007", "00", "-01", "01.5", "1.", "-1.", "1.e3", "1e", "1e+", "1-2", "--1", "1.2.3"] {
            #expect(whole(text) { $0.number() } == nil, "\(text)")
            #expect(whole(text) { $0.takeNumber() ? true : nil } == nil, "\(text)")
        }
        for text in [
            String(repeating: "9", count: 308), String(repeating: "9", count: 310), "1.", "01", "1.2.3", "1-2",
        ] {
            #expect(read(text) { $0.takeNumber() } == read(text) { $0.number() != nil }, "\(text)")
        }
        for text in ["007", "-01", "1.", "1e2"] { #expect(whole(text) { $0.wholeNumber() } == nil, "\(text)") }
        #expect(whole("-7") { $0.wholeNumber() } == -7 && whole("1.5") { $0.wholeNumber() } == nil)
    }

    @Test func anyValueIsPassedToItsEnd() {
        for text in [#"{"a": [1, {"b": "}]"}], "c": null}"#, "[]", "{}", #""a\"]""#, "1.5", "true", "[[1],[2 ,3]]"] {
            for rest in [",", " ,", "}", "]", "\n"] {
                let found = read(text + rest) { $0.value().map { String(decoding: $0, as: UTF8.self) } }
                #expect(found == text, "\(text)\(rest)")
            }
        }
        for text in ["", "]", ",", "[1", #"{"a""#, #""a"#, "[\"a]"] {
            #expect(read(text) { $0.value() == nil }, "\(text)")
        }
    }

    @Test func membersComeInTheirOrderAndNoOthersAreTaken() {
        func names(_ text: String) -> [String]? {
            var names: [String] = []
            let isObject = whole(text) { cursor in
                cursor.members { name, cursor in
                    names.append(name)
                    return cursor.wholeNumber() != nil
                } ? true : nil
            }
            return isObject == nil ? nil : names
        }
        #expect(names("{}") == [] && names(" { \"b\" : 1,\n\"a\":2 } ") == ["b", "a"])
        for text in [
            "", "[]", "{", "{\"a\"}", "{\"a\":1,}", "{\"a\":x}", "{\"a\":1", "{\"a\":1}}", "{\"a\":1 \"b\":2}",
        ] {
            #expect(names(text) == nil, "\(text)")
        }
    }

    @Test func lettersThatAreKnownArePassedWhole() {
        #expect(whole(" {\"a\":1}") { $0.take(Array("{\"a\":1}".utf8)) ? true : nil } == true)
        #expect(read("{\"a\":2}") { $0.take(Array("{\"a\":1}".utf8)) } == false)
        #expect(read("{") { $0.take(Array("{\"a\":1}".utf8)) } == false)
    }
}
