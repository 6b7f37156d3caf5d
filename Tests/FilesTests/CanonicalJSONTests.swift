import Foundation
import Records
import TestSupport
import Testing

@testable import Config
@testable import Files

private struct Sample: Codable, Equatable {
    var zeta = 0.1
    var alpha = [1, 2]
    var path = "a/b \u{E4}"
    var nested: [String: Int] = ["b": 1, "a": 2]
    var small = 1e-300
}

@Suite struct CanonicalJSONTests {
    @Test func keysAreSortedAndNumbersAreShort() throws {
        let line = String(decoding: try CanonicalJSON.line(Sample()), as: UTF8.self)
        #expect(line == #"{"alpha":[1,2],"nested":{"a":2,"b":1},"path":"a/b ä","small":1e-300,"zeta":0.1}"#)
    }

    @Test func theFormForPeopleIsIndentedAndEndsWithALineBreak() throws {
        let text = String(decoding: try CanonicalJSON.data(["b": 1, "a": 2]), as: UTF8.self)
        #expect(text == "{\n  \"a\" : 2,\n  \"b\" : 1\n}\n")
    }

    @Test func equalValuesHaveEqualFingerprintsWhateverTheOrderTheyWereFilledIn() throws {
        let keys = (0..<50).map { "key \($0)" }
        let forwards = Dictionary(uniqueKeysWithValues: keys.map { ($0, $0.count) })
        let backwards = Dictionary(uniqueKeysWithValues: keys.reversed().map { ($0, $0.count) })
        #expect(try CanonicalJSON.fingerprint(forwards) == CanonicalJSON.fingerprint(backwards))
        #expect(
            try CanonicalJSON.fingerprint(["b": 1, "a": 2])
                == "d3626ac30a87e6f7a6428233b3c68299976865fa5508e4267c5415c76af7a772"
        )
    }

    @Test func whatIsWrittenIsReadBackAndWrittenTheSame() throws {
        let scratch = try Scratch()
        try CanonicalJSON.write(Sample(), to: scratch.file("a"))
        let read = try CanonicalJSON.read(Sample.self, from: scratch.file("a"))
        #expect(read == Sample())
        try CanonicalJSON.write(read, to: scratch.file("b"))
        #expect(try Data(contentsOf: scratch.file("a")) == Data(contentsOf: scratch.file("b")))
    }

    @Test(arguments: [
        ("{\"zeta\": ", "not valid JSON: "), ("", "not valid JSON: "), ("\u{0}", "not valid JSON: "),
        (#"{"alpha": [1], "path": "", "nested": {}, "small": 0}"#, "zeta is missing"),
        (#"{"zeta": 1, "alpha": [1, "b"], "path": "", "nested": {}, "small": 0}"#, "alpha.Index 1: "),
        (#"{"zeta": 1, "alpha": [], "path": "", "nested": {"a": null}, "small": 0}"#, "nested.a: "),
    ])
    func textThatIsNotWhatWasWantedIsReportedWithItsPlace(text: String, reason: String) throws {
        let scratch = try Scratch()
        let url = scratch.file("a.json")
        try AtomicFile.write(text, to: url)
        let error = try #require(throws: StorageError.self) { try CanonicalJSON.read(Sample.self, from: url) }
        guard case .malformed(url.path, let found) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(found.hasPrefix(reason))
    }

    @Test func aMissingFileAndAFolderAreWrongPaths() throws {
        let scratch = try Scratch()
        func reason(_ url: URL) throws -> StorageError {
            try #require(throws: StorageError.self) { try CanonicalJSON.read(Sample.self, from: url) }
        }
        #expect(try reason(scratch.file("a")) == .system(path: scratch.file("a").path, call: "open", errno: ENOENT))
        #expect(try reason(scratch.folder) == .system(path: scratch.folder.path, call: "open", errno: EISDIR))
    }

    @Test func strictConfigsReportTheirKeyPath() throws {
        let scratch = try Scratch()
        try AtomicFile.write(#"{"mpp": 0.5, "mask": {"close": 1}}"#, to: scratch.file("a"))
        let file = scratch.file("a")
        let error = try #require(throws: ConfigError.self) {
            try CanonicalJSON.read(TilingConfig.self, written: file)
        }
        #expect(error.subject == "mask.close")
        // In a job it is a file of ours that is damaged.
        #expect(throws: StorageError.self) { try CanonicalJSON.read(TilingConfig.self, from: file) }
    }

    @Test(arguments: seeds(20)) func aPlainLineIsWhatTheEncoderWrites(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "plain")
        let plain = Array(" !\"#/\\:,{}[]~azAZ09_-.")
        for _ in 0..<50 {
            func text() -> String {
                String((0..<random.index(below: 12)).map { _ in plain[random.index(below: plain.count)] })
            }
            var table: [String: String] = [:]
            for _ in 0..<random.index(below: 9) { table[text()] = text() }
            #expect(try CanonicalJSON.plainLine(table).map { Data($0) } == CanonicalJSON.line(table))
            let word = text()
            #expect(try CanonicalJSON.plainLine(word).map { Data($0) } == CanonicalJSON.line(word))
        }
    }

    @Test(arguments: ["é", "a\n", "\u{1}", "\u{7F}", "漢"]) func otherLettersAreLeftToTheEncoder(text: String) {
        #expect(CanonicalJSON.plainLine(text) == nil)
        #expect(CanonicalJSON.plainLine(["a": text]) == nil && CanonicalJSON.plainLine([text: "a"]) == nil)
    }
}
