import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Storage

#if canImport(Glibc)
    import Glibc
#endif

/// Outcomes that are read from their open folder against each one read by itself.
@Suite struct OutcomeFolderTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func outcome(_ id: String, side: String = "256") throws -> Outcome {
        var outcome = Outcome(
            unit: try UnitID(id),
            stage: .tile,
            status: .ok,
            fingerprint: Fingerprint(
                stage: "tile",
                parameters: ["side": side, "mask": #"{"mpp":8}"#],
                inputs: ["slide": "of \(id)"]
            ),
            figures: ["patches": 3],
            facts: ["quality": "little tissue, 0.3 mm²"],
            outputs: ["thumbnails/\(id).jpg": "ff"]
        )
        outcome.sizes = ["thumbnails/\(id).jpg": 12]
        return outcome
    }

    private func expectSame(_ names: [String], _ about: String = "") {
        let folder = OutcomeFolder(scratch.folder)
        for name in names {
            let (wanted, found) = (
                Result { try Outcome.read(scratch[name]) }, Result { try folder.outcome(named: name) }
            )
            #expect((try? found.get()) == (try? wanted.get()), "\(name) \(about)")
            #expect(words(found) == words(wanted), "\(name) \(about)")
        }
    }

    /// What is wrong.
    private func words(_ result: Result<Outcome, any Error>) -> String? {
        if case .failure(let error) = result { "\(error)" } else { nil }
    }

    @Test func parametersThatOthersHadAreTheirs() throws {
        let sides = ["256", "256", "512", "256", "512", "512"]
        for (place, side) in sides.enumerated() {
            try outcome("s\(place)", side: side).write(to: scratch["s\(place).json"])
        }
        let folder = OutcomeFolder(scratch.folder)
        for (place, side) in sides.enumerated() {
            #expect(try folder.outcome(named: "s\(place).json") == outcome("s\(place)", side: side))
        }
        expectSame(sides.indices.map { "s\($0).json" })
    }

    @Test func whatIsNoPlainRecordIsReadOrRefusedInTheSameWords() throws {
        let file = scratch["s.json"]
        try outcome("s").write(to: file)
        let text = try String(contentsOf: file, encoding: .utf8)
        var long = try outcome("s")
        long.notes = [String(repeating: "level 3 is ignored ", count: 5000)]
        let changes: [(String, String)] = [
            ("\"patches\" : 3", "\"patches\" : 4"), ("\"ok\"", "\"fine\""), ("\"seal\" : \"", "\"seal\" : \"0"),
            ("}\n", "}\n\n"), ("\"facts\" :", "\"fact\" :"), (text, ""), (text, "{"), (text, "[]"),
            (text, String(text.prefix(300))), ("\"unit\" : \"s\"", "\"unit\" : \"../s\""),
        ]
        for (old, new) in changes {
            let changed = Data(text.replacing(old, with: new).utf8)
            for data in [changed, resealed(changed), unsealed(changed)] {
                try data.write(to: file)
                expectSame(["s.json"], new)
            }
        }
        try long.write(to: file)
        #expect(try OutcomeFolder(scratch.folder).outcome(named: "s.json") == long)
    }

    /// As a version wrote it that wrote what stands there.
    private func resealed(_ data: Data) -> Data {
        let text = String(decoding: data, as: UTF8.self)
        let empty = text.replacing(/"seal" : "[0-9a-f]*"/, with: "\"seal\" : \"\"")
        let seal = Digest.sha256(Data(empty.utf8))
        return Data(empty.replacing("\"seal\" : \"\"", with: "\"seal\" : \"\(seal)\"").utf8)
    }

    private func unsealed(_ data: Data) -> Data {
        Data(String(decoding: data, as: UTF8.self).replacing(/\n  "seal" : "[0-9a-f]*",/, with: "").utf8)
    }

    @Test func whatIsNoFileIsNamedAsItIsByItself() throws {
        try outcome("far").write(to: scratch["elsewhere/far.json"])
        for (name, target) in [("far.json", "elsewhere/far.json"), ("lost.json", "nowhere")] {
            try FileManager.default.createSymbolicLink(atPath: scratch[name].path, withDestinationPath: target)
        }
        #expect(mkfifo(scratch["pipe.json"].path, 0o600) == 0)
        try FileManager.default.createDirectory(at: scratch["sub.json"], withIntermediateDirectories: true)
        expectSame(["far.json", "lost.json", "pipe.json", "sub.json", "none.json"])
        let folder = OutcomeFolder(scratch.folder)
        #expect(try folder.outcome(named: "far.json") == outcome("far"))
        try outcome("S1").write(to: scratch["hidden.json"])
        #expect(chmod(scratch["hidden.json"].path, 0) == 0)
        // Root reads it all the same.
        expectSame(["hidden.json"])
    }

    @Test func aFolderThatIsALinkIsTheFolderItLeadsTo() throws {
        try outcome("s").write(to: scratch["real/s.json"])
        try FileManager.default.createSymbolicLink(atPath: scratch["door"].path, withDestinationPath: "real")
        #expect(try OutcomeFolder(scratch["door"]).outcome(named: "s.json") == outcome("s"))
    }

    @Test func aRecordThatIsReplacedMeanwhileIsTheOldOrTheNewOne() async throws {
        let (one, two) = (try outcome("s"), try outcome("s", side: "512"))
        let file = scratch["s.json"]
        try one.write(to: file)
        @Sendable func replace() async throws {
            for _ in 0..<40 { for outcome in [two, one] { try outcome.write(to: file) } }
        }
        let folder = OutcomeFolder(scratch.folder)
        async let replaced: Void = replace()
        for _ in 0..<2000 {
            let read = try folder.outcome(named: "s.json")
            #expect(read == one || read == two)
        }
        try await replaced
        #expect(try folder.outcome(named: "s.json") == one)
    }
}
