import Foundation
import Records
import Storage
import TestSupport
import Testing

/// Nothing of a DICOM file's patient, study, series, specimen, equipment or trial comes out of any command: each attribute of
/// these modules that holds text (PS3.3, C.7.1 to C.7.6.22, C.8.12.1) has a word of its own, also in sequences, in private
/// elements and in the first group.
@Suite struct PlantedDICOMTests {
    /// By value representation.
    private static let tags: [(form: String, tags: String)] = [
        ("AE", "00080054"), ("AS", "00101010"),
        (
            "CS",
            """
            00080060 00080105 0008010B 0008010F 00100022 00100035 00100040 00100200 001021A0 00102203 00102210 00102298 00120053
            00120062 00120084 00120085 00180015 00185100 00200060 00400033 00400035 0040A040 0040E020 0050001A
            """
        ), ("DA", "00080020 00080021 00100030 001021D0 00181200 00181204 00181205 00400244 00400250 0040A121"),
        ("DS", "00101020 00101022 00101023 00101024 00101030 00181050 0040A30A"),
        ("DT", "00080106 00080107 0040A032 0040A033 0040A120"), ("IS", "00081160 00200011"),
        (
            "LO",
            """
            00080070 00080080 00080104 00080122 00081030 0008103E 00081040 00081080 00081090 00100020 00100021 00100033 00100034
            00100213 00100214 00100217 00100223 00102000 00102110 00102201 00102292 00102295 00102299 00120010 00120020 00120021
            00120022 00120030 00120031 00120032 00120040 00120041 00120042 00120043 00120050 00120055 00120060 00120063 00120071
            00120072 00120073 00120081 00120082 00181000 00181008 00181020 00181030 00321033 00321060 00380010 00380060 00380062
            00380500 00400007 00400254 00400512 0040051A 00400551 00400600 00401002 00401103 0050001B 0050001E 00500020 00090010
            00091001
            """
        ), ("LT", "001021B0 00104000 00401104"),
        (
            "PN", "00080090 0008009C 00081048 00081050 00081060 00081070 00100010 00101001 00102297 0040A123"
        ),
        (
            "SH",
            "00080050 00080100 00080102 00080103 00081010 00102180 00200010 00400009 00400253 00401001 00880130"
        ), ("ST", "00080081 00120051 00400280 00401102 0040E001"),
        ("TM", "00080030 00080031 00100032 00181201 00400245 00400251 0040A122"),
        ("UC", "00080119 00100212 00100222"),
        (
            "UI",
            """
            0008010D 00080117 00080118 00081150 00081155 00181002 0018100B 0020000D 00400554 0040A124 0040E030 0040E031 00880140
            300A0700
            """
        ), ("UR", "00080120 00081190 0040E010"),
        ("UT", "00100218 00181009 00321066 00400031 00400032 00400602 0040A160 00091002"),
    ]

    /// Each with an item that has all of the above, and one sequence more with the same.
    private static let sequences = """
        00080051 00080082 00080096 0008009D 00080121 00081032 0008103F 00081041 00081049 00081052 00081062 00081072 00081084
        00081110 00081111 00081120 00081199 00081250 00082228 00082230 00100024 00100026 00100027 00100215 00100216 00100219
        00100221 00100229 00101002 00101021 00101100 00102161 00102202 00102293 00102294 00102296 00120023 00120054 00120064
        00120083 0018100A 00321034 00321064 00321067 00380014 00380064 00400008 00400036 00400039 0040003A 00400260 00400275
        00400440 00400441 00400513 00400515 00400518 00400520 00400560 00400562 0040059A 00400610 00400612 00400620 004008EA
        0040100A 00401012 00401101 0040A043 0040A168 0040A170 0040E021 0040E022 0040E023 0040E024 0040E025 00500012
        """

    private static let firstGroup: [(UInt32, String)] = [
        (0x0002_0003, "UI"), (0x0002_0012, "UI"), (0x0002_0013, "SH"), (0x0002_0016, "AE"), (0x0002_0017, "AE"),
        (0x0002_0018, "AE"), (0x0002_0026, "UR"), (0x0002_0100, "UI"), (0x0002_0102, "OB"),
    ]

    private static func numbers(_ list: String) -> [UInt32] {
        list.split(whereSeparator: \.isWhitespace).compactMap { UInt32($0, radix: 16) }
    }

    private static let (word, digits) = ("PLANTED", "86753090")

    /// Numbers where the form has no letters, as they stand in a UID or a date.
    private static func text(_ tag: UInt32, _ form: String, _ place: String) -> String {
        let isOfDigits = ["AS", "DA", "DS", "DT", "IS", "TM", "UI"].contains(form)
        if isOfDigits { return "\(form == "UI" ? "2.25." : "")\(digits)\(tag)" }
        return "\(word)-\(place)-\(String(tag, radix: 16))"
    }

    private static func texts(_ place: String) -> [TestDICOM.Planted] {
        tags.flatMap { form, list in numbers(list).map { TestDICOM.Planted($0, form, text($0, form, place)) } }
    }

    private static let planted: [TestDICOM.Planted] = {
        let innermost = TestDICOM.Planted(0x0040_A730, "SQ", items: [texts("INMOST")])
        let inner = texts("INNER") + [innermost]
        return texts("TOP") + numbers(sequences).map { TestDICOM.Planted($0, "SQ", items: [inner]) }
            + firstGroup.map { TestDICOM.Planted($0, $1, text($0, $1, "META")) }
    }()

    private let scratch: Scratch
    private var job: String { scratch["job"].path }
    private var folder: URL { scratch["slides/glass"] }

    /// A slide of two levels of 16 tiles, whose inner ones are stained.
    init() throws {
        scratch = try Scratch()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try add("a.dcm", tile: 256, hasOpenSequences: false)
        try add("b.dcm", tile: 64, hasOpenSequences: true)
        // What is no level, and what is refused.
        try add("label.dcm", tile: 16, kind: "LABEL", hasOpenSequences: false)
        try add("damaged.dcm", tile: 16, cutAt: 4000, hasOpenSequences: false)
    }

    private func add(_ name: String, tile: Int, kind: String = "VOLUME", cutAt: Int? = nil, hasOpenSequences: Bool)
        throws
    {
        var stained = Data(capacity: tile * tile * 3)
        for at in 0..<(tile * tile) {
            let shade = UInt8(truncatingIfNeeded: (at / tile / 4 + at % tile / 4) % 2 * 60)
            stained.append(contentsOf: [150 + shade, 60 + shade, 140 + shade])
        }
        let white = Data(repeating: 244, count: tile * tile * 3)
        let frames = (0..<16).map { (1...2).contains($0 / 4) && (1...2).contains($0 % 4) ? stained : white }
        var file = TestDICOM(instance: "2.25.\(Self.digits)1\(tile)", width: 4 * tile, height: 4 * tile, frames: frames)
        (file.tileWidth, file.tileHeight, file.kind, file.planted) = (tile, tile, kind, Self.planted)
        (file.series, file.hasOpenSequences) = ("2.25.\(Self.digits)2", hasOpenSequences)
        file.spacing = ("\(0.128 / Double(tile))", "\(0.128 / Double(tile))")
        let data = file.data()
        try data.prefix(cutAt ?? data.count).write(to: folder.appending(path: name))
    }

    /// Where in some bytes anything planted stands, with what is around it.
    private static func finds(in data: Data) -> [String] {
        [word, digits].flatMap { mark in
            data.ranges(of: Data(mark.utf8)).map { range in
                let end = min(data.endIndex, range.upperBound + 40)
                return String(decoding: data[range.lowerBound..<end].prefix { $0 > 31 && $0 < 127 }, as: UTF8.self)
            }
        }
    }

    private func finds(_ said: [Command]) -> [String] {
        let written = Scratch.tree(scratch.folder).filter { !$0.key.hasPrefix("slides/") }.sorted { $0.key < $1.key }
        return said.flatMap { Self.finds(in: Data(($0.output + $0.errors).utf8)) }
            + written.flatMap { path, data in
                (Self.finds(in: data) + Self.finds(in: Data(path.utf8))).map { "\(path): \($0)" }
            }
    }

    /// Whether a picture has texts that are packed, which no search would see.
    private func hasPackedTexts() -> Bool {
        Scratch.tree(scratch.folder).contains { path, data in
            path.hasSuffix(".png") && ["zTXt", "iTXt"].contains { data.range(of: Data($0.utf8)) != nil }
        }
    }

    /// A map and a report of a prediction of all patches.
    private func drawn() throws -> [Command] {
        let layout = JobLayout(root: URL(filePath: job))
        let name = try #require(Scratch.tree(layout.root).keys.first { $0.hasSuffix("/glass_patches.h5") })
        let grid = try PatchFile.read(layout.root.appending(path: name)).grid
        try layout.addPrediction(of: "glass", grid.corners, grid: grid)
        let drawn = try ["heatmap", "report"].map { try Command.run($0, job, "--model", "m", "--workers", "1") }
        for command in drawn { #expect(command.exit == 0, "\(command.errors)") }
        let page = try Data(contentsOf: layout.root.appending(path: "reports/m/glass.html"))
        // Its pictures are written in letters, in which no search would find anything.
        let pictures = String(decoding: page, as: UTF8.self).matches(of: /base64,([A-Za-z0-9+\/=]+)/).compactMap {
            Data(base64Encoded: String($0.1))
        }
        #expect(!pictures.isEmpty && pictures.allSatisfy { Self.finds(in: $0).isEmpty })
        return drawn
    }

    @Test func nothingThatIsPlantedComesOut() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        for name in files where name != "damaged.dcm" {
            let data = try Data(contentsOf: folder.appending(path: name))
            #expect(Set(Self.finds(in: data)).count > 200, "the search finds what is there")
        }
        try scratch.write("wsi,case_id,label\nglass,c1,normal\n", to: "labels.csv")
        var said: [Command] = []
        for name in [folder.path] + files.map({ folder.appending(path: $0).path }) {
            said.append(try Command.run("info", name))
            said.append(try Command.run("info", name, "--json"))
        }
        let slides = scratch["slides"].path
        let tiled = try Command.run("tile", slides, "--out", job, "--workers", "1")
        #expect(tiled.exit == 3 && tiled.errors.contains("1 ok, 0 empty, 1 failed"), "\(tiled.errors)")
        let encoded = try Command.run("features", job, "--encoder", "he-texture-v1", "--workers", "1")
        #expect(encoded.errors.contains("1 ok"), "\(encoded.errors)")
        said += [tiled, encoded]
        said += try drawn()
        said.append(try Command.run("init", slides, scratch["labels.csv"].path, "--out", scratch["study.json"].path))
        said.append(try Command.run("check", "--config", scratch["study.json"].path))
        for verb in ["status", "verify", "doctor"] { said.append(try Command.run(verb, job)) }
        said.append(try Command.run("tile", slides, "--out", job, "--dry-run", "--redo"))
        #expect(finds(said).isEmpty, "\(finds(said).prefix(20))")
        #expect(!hasPackedTexts())
        let written = Scratch.tree(URL(filePath: job))
        for part in [
            "audit/", "contours/", "outcomes/tile/", "patches/", "features_he-texture-v1/", "heatmaps/m/glass.png",
            "reports/m/glass.html",
        ] {
            #expect(written.keys.contains { $0.contains(part) }, "\(part)")
        }
    }

    @Test func theNameOfTheGlassComesOutWhereItIsAskedForAndNothingElse() throws {
        let name = Self.text(0x0040_0512, "LO", "TOP")
        let slides = scratch["slides"].path
        let tiled = try Command.run("tile", slides, "--out", job, "--id-from", "container", "--workers", "1")
        let found = finds([tiled])
        #expect(!found.isEmpty && found.allSatisfy { $0.contains(name) }, "\(found) \(tiled.errors)")
        let text = found.reduce("") { $0 + $1 }.replacing(name, with: "")
        #expect(!text.contains(Self.word) && !text.contains(Self.digits))
    }
}
