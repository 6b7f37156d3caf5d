import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Pipeline
@testable import Storage

/// Records that are read in brief against what whole outcomes say.
@Suite struct OutcomeBriefTests {
    private let scratch: Scratch
    private let layout: JobLayout

    init() throws {
        scratch = try Scratch()
        layout = JobLayout(root: scratch.file("job"))
        try FileManager.default.createDirectory(at: layout.root, withIntermediateDirectories: true)
    }

    private func brief(_ stage: StageName, _ name: String, in job: Bool = true) throws -> OutcomeBrief {
        try BriefFolder(stage, in: layout, outputs: job ? OpenFolder(layout.root) : nil).brief(named: name)
    }

    /// Whether it is told at once, and not by a whole outcome.
    private func isPlain(_ data: Data, _ stage: StageName = .tile) -> Bool {
        data.withUnsafeBytes { BriefText.brief($0, BriefText.Shape(stage: stage, isVersioned: true), in: nil) } != nil
    }

    private func words(_ brief: OutcomeBrief) -> [String] {
        [
            brief.unit.text, brief.stage.text, brief.status.rawValue, "\(brief.inputs.sorted { $0.key < $1.key })",
            "\(brief.version ?? "none")", "\(brief.outlines ?? "none")", "\(brief.openSlide ?? "none")",
            "\(brief.emptyReason ?? "none")", "\(brief.isThere)", "\(brief.failure.map { "\($0)" } ?? "none")",
            "\(brief.accepted?.words ?? "none")", "\(brief.notes ?? [])",
        ]
    }

    private func words(_ body: () throws -> OutcomeBrief) -> [String] {
        do { return words(try body()) } catch { return ["\(error)"] }
    }

    /// Of the record in that file, by the whole outcome.
    private func wanted(_ stage: StageName, _ name: String) throws -> OutcomeBrief {
        let outcome = try Outcome.read(layout.outcomes(stage: stage).appending(path: name))
        return try OutcomeBrief(outcome, isVersioned: stage.kind != .heatmap, in: OpenFolder(layout.root))
    }

    private func expectSame(_ stage: StageName, _ name: String, _ about: String = "") {
        let (found, whole) = (words { try brief(stage, name) }, words { try wanted(stage, name) })
        #expect(found == whole, "\(about)")
    }

    private func outcome(_ id: String, _ stage: StageName = .tile, outputs: [String]) throws -> Outcome {
        var outcome = Outcome(
            unit: try UnitID(id),
            stage: stage,
            status: .ok,
            fingerprint: Fingerprint(
                format: 2,
                stage: "tile",
                parameters: ["side": "256", "mask": #"{"mpp":8}"#],
                inputs: ["slide": "of \(id)", "regions": "none"]
            ),
            figures: ["patches": 3, "tissue_um2": 1.5e6, "ink": -0.25],
            facts: ["quality": "little tissue, 0.3 mm²", "openslide": "4.0.1", "reason": "a \"word\""]
        )
        for path in outputs where !path.isEmpty { try AtomicFile.write("content of \(path)", to: file(path)) }
        try outcome.record(outputs.map { file($0) }, in: layout)
        return outcome
    }

    private func file(_ path: String) -> URL { layout.root.appending(path: path) }

    private static let outputs = ["contours/s.jpg", "contours_geojson/s.geojson", "grid/patches/s_patches.h5"]

    @Test(arguments: seeds(20)) func anyOutcomeIsReadAsItIsWhole(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "briefs")
        func isSet() -> Bool { random.index(below: 3) == 0 }
        func text() -> String { isSet() ? random.text() : "plain \(random.index(below: 100))" }
        func table<Value>(_ value: () -> Value) -> [String: Value] {
            (0..<random.index(below: 5)).reduce(into: [:]) { table, _ in table[text()] = value() }
        }
        for stage in [StageName.tile, StageName("features_é"), StageName.heatmap(nil, pictures: "m")] {
            for _ in 0..<15 {
                var outcome = Outcome(
                    unit: try UnitID(isSet() ? "Fälle.2" : "s"),
                    stage: isSet() ? StageName("other") : stage,
                    status: [.ok, .empty, .failed, .refused][random.index(below: 4)],
                    failure: isSet() ? Failure(.slideOpen, "s", text()) : nil,
                    fingerprint: Fingerprint(format: 2, stage: text(), parameters: table(text), inputs: table(text)),
                    figures: table { [0, -1, 1e-300, 1.7e308, 123.456][random.index(below: 5)] },
                    facts: table(text),
                    outputs: table(text)
                )
                if isSet() { outcome.outputs[JobLayout.outlines(of: outcome.slide)] = text() }
                if isSet() { outcome[.openSlide] = text() }
                if isSet() { outcome.emptyReason = text() }
                if !isSet() { outcome.sizes = outcome.outputs.mapValues { $0.utf8.count } }
                if isSet() { outcome.unexamined = 0.5 }
                if isSet() { outcome.notes = [text()] }
                if isSet() { outcome.accepted = [Mismatch(member: .scale, first: text(), second: "0.25")] }
                let name = outcome.unit.fileName
                try outcome.write(to: layout.outcomes(stage: stage).appending(path: name))
                expectSame(stage, name, "\(outcome)")
            }
        }
    }

    @Test func aPlainRecordIsToldAtOnceWithItsVersionAndItsFiles() throws {
        let outcome = try outcome("s", outputs: Self.outputs)
        let file = layout.outcome(stage: .tile, outcome.unit)
        try outcome.write(to: file)
        #expect(isPlain(try Data(contentsOf: file)))
        let brief = try brief(.tile, "s.json")
        #expect(try brief.version == outcome.version() && brief.isThere)
        #expect(brief.outlines == outcome.outputs[Self.outputs[1]] && brief.openSlide == "4.0.1")
        #expect(brief.emptyReason == "a \"word\"" && brief[.slide] == "of s")
        expectSame(.tile, "s.json")
        #expect(try !self.brief(.tile, "s.json", in: false).isThere)
    }

    @Test func anOutputIsThereAsALinkAndNotAsAnythingElse() throws {
        let outcome = try outcome("s", outputs: Self.outputs)
        try outcome.write(to: layout.outcome(stage: .tile, outcome.unit))
        for path in Self.outputs {
            let (place, bytes) = (file(path), try Data(contentsOf: file(path)))
            func isThere(_ isThere: Bool, _ about: String) throws {
                #expect(try brief(.tile, "s.json").isThere == isThere, "\(path) \(about)")
                expectSame(.tile, "s.json", about)
            }
            try (bytes + Data("x".utf8)).write(to: place)
            try isThere(false, "longer")
            try FileManager.default.removeItem(at: place)
            try isThere(false, "gone")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try isThere(false, "a folder")
            try FileManager.default.removeItem(at: place)
            try FileManager.default.createSymbolicLink(atPath: place.path, withDestinationPath: "elsewhere")
            try isThere(false, "a link to nothing")
            try bytes.write(to: place.deletingLastPathComponent().appending(path: "elsewhere"))
            try isThere(true, "a link")
        }
        // As a backup on another disk is.
        try FileManager.default.moveItem(at: file("grid"), to: scratch.file("far"))
        #expect(try !brief(.tile, "s.json").isThere)
        try FileManager.default.createSymbolicLink(at: file("grid"), withDestinationURL: scratch.file("far"))
        #expect(try brief(.tile, "s.json").isThere)
    }

    @Test func filesWithoutSizesAndSizesOfOtherFilesAreLookedAtOneByOne() throws {
        let whole = try outcome("s", outputs: Self.outputs)
        let sizes = try #require(whole.sizes)
        func isThere(_ sizes: [String: Int]?, _ outputs: [String: String]) throws -> Bool {
            var outcome = whole
            (outcome.sizes, outcome.outputs) = (sizes, outputs)
            try outcome.write(to: layout.outcome(stage: .tile, outcome.unit))
            return try brief(.tile, "s.json").isThere
        }
        #expect(try isThere(sizes, whole.outputs))
        #expect(try !isThere(nil, whole.outputs))
        #expect(try !isThere(sizes.filter { $0.key != Self.outputs[2] }, whole.outputs))
        #expect(try !isThere(sizes.merging(["z": 1]) { $1 }, whole.outputs))
        #expect(try !isThere(sizes.merging([Self.outputs[0]: 1 << 50]) { $1 }, whole.outputs))
        #expect(try isThere(nil, [:]) && isThere([:], [:]))
        let long = String(repeating: "n/", count: 600) + "x"
        #expect(try !isThere([long: 1], [long: "d"]))
    }

    @Test func whatIsNotAsThisProgramWritesItIsReadOrRefusedInTheSameWords() throws {
        let outcome = try outcome("s", outputs: Self.outputs)
        let file = layout.outcome(stage: .tile, outcome.unit)
        try outcome.write(to: file)
        let text = try String(contentsOf: file, encoding: .utf8)
        let changes: [(String, String, isPlain: Bool)] = [
            ("\"patches\" : 3", "\"patches\" : 4", true), ("\"ok\"", "\"fine\"", false), ("}\n", "}\n\n", true),
            ("\"seal\" : \"", "\"seal\" : \"0", true), ("\"facts\" :", "\"fact\" :", false), (text, "", false),
            (text, "{", false), (text, "[]", false), (text, String(text.prefix(300)), false),
            ("\"unit\" : \"s\"", "\"unit\" : \"../s\"", false), ("\"s\"\n}", "\"s\",\n}", false),
            ("\"s\"\n}", "\"s\",\n  \"zone\" : 1\n}", false), ("\"s\"\n}", "\"s\",\n  \"unit\" : \"s\"\n}", false),
            ("\"s\"\n}", "\"s\"\n} x", false), ("\"patches\" : 3", "\"patches\" : x", false),
            ("\"patches\" : 3", "\"patches\" : 3,\n \"patches\" : 4", false),
            ("\"format\" : 2", "\"format\" : 2.5", false),
            ("\"format\" : 2,", "", false), ("\"side\"", "\"aside\"", true), ("\"side\"", "\"mask\"", false),
            ("\"regions\"", "\"z\"", false), ("contours/s.jpg", "z/s.jpg", false), ("\"4.0.1\"", "4", false),
            ("contours/s.jpg", "contours\\/s.jpg", false), ("\"4.0.1\"", "\"\\u00e9\"", true),
            ("\"stage\" : \"tile\",", "", false), ("\"unit\" : \"s\"", "\"unexamined\" : 1, \"unit\" : \"s\"", true),
        ]
        for (old, new, isPlain) in changes {
            let changed = Data(text.replacing(old, with: new).utf8)
            #expect(self.isPlain(changed) == isPlain, "\(old): \(new)")
            for data in [changed, resealed(changed), unsealed(changed)] {
                try data.write(to: file)
                expectSame(.tile, "s.json", "\(old): \(new)")
            }
        }
        // Members in another order, as another program may leave them.
        let members = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let other = members.sorted { $0.key > $1.key }.map { key, value in
            let value = try? JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed)
            return "\n  \"\(key)\" : \(String(decoding: value ?? Data(), as: UTF8.self))"
        }
        try resealed(Data("{\(other.joined(separator: ","))\n}".utf8)).write(to: file)
        #expect(try Outcome.read(file).version() == outcome.version())
        expectSame(.tile, "s.json")
    }

    private func resealed(_ data: Data) -> Data {
        let text = String(decoding: data, as: UTF8.self)
        let empty = text.replacing(/"seal" : "[0-9a-f]*"/, with: "\"seal\" : \"\"")
        let seal = Digest.sha256(Data(empty.utf8))
        return Data(empty.replacing("\"seal\" : \"\"", with: "\"seal\" : \"\(seal)\"").utf8)
    }

    private func unsealed(_ data: Data) -> Data {
        Data(String(decoding: data, as: UTF8.self).replacing(/\n  "seal" : "[0-9a-f]*",?/, with: "").utf8)
    }

    @Test func parametersThatOthersHadAreTheirs() throws {
        let sides = ["256", "256", "512", "é", "256", "512"]
        let folder = BriefFolder(.tile, in: layout, outputs: nil)
        for (place, side) in sides.enumerated() {
            var outcome = try outcome("s\(place)", outputs: [])
            outcome.fingerprint.parameters["side"] = side
            try outcome.write(to: layout.outcome(stage: .tile, outcome.unit))
        }
        for (place, side) in sides.enumerated() {
            var outcome = try outcome("s\(place)", outputs: [])
            outcome.fingerprint.parameters["side"] = side
            #expect(try folder.brief(named: "s\(place).json").version == outcome.version(), "\(side)")
        }
    }

    @Test func aRecordThatIsReplacedMeanwhileIsTheOldOrTheNewOne() async throws {
        let old = try outcome("s", outputs: [])
        var changed = old
        changed.fingerprint.parameters["side"] = "512"
        let new = changed
        let file = layout.outcome(stage: .tile, old.unit)
        try old.write(to: file)
        @Sendable func replace(_ outcomes: [Outcome]) async throws {
            for _ in 0..<40 { for outcome in outcomes { try outcome.write(to: file) } }
        }
        let folder = BriefFolder(.tile, in: layout, outputs: nil)
        async let replaced: Void = replace([new, old])
        let versions = [try old.version(), try new.version()]
        for _ in 0..<2000 { #expect(versions.contains(try folder.brief(named: "s.json").version ?? "")) }
        try await replaced
    }
}
