import Files
import Foundation
import Imaging
import Records
import Sample
import Storage
import TestSupport
import Testing

/// What `wsi tile` takes, leaves out and refuses.
@Suite struct TileQualityTests {
    private let scratch: Scratch
    private var job: String { scratch["job"].path }

    init() throws { scratch = try Scratch() }

    private func slide(
        _ name: String,
        mpp: Double = 0.5,
        _ colour: (Int, Int) -> (UInt8, UInt8, UInt8)
    ) throws -> String {
        let size = PixelSize(width: 1536, height: 1024)
        let bytes = (0..<(size.width * size.height)).flatMap { at -> [UInt8] in
            let (red, green, blue) = colour(at % size.width, at / size.width)
            return [red, green, blue]
        }
        let url = scratch["slides/\(name).svs"]
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        let options = PyramidOptions(quality: 90, colour: .yCbCr444, description: .aperio(mpp: mpp, magnification: 20))
        try PyramidWriter.write(try PixelArray(size: size, bytes: bytes), to: url, options: options)
        return url.path
    }

    /// Tissue left of x = 1024, blue ink on the upper half of it.
    private func inked(_ name: String = "inked") throws -> String {
        try slide(name) { x, y in
            if x >= 1024 { return (243, 242, 244) }
            if y < 512 { return (40, 70, 170) }
            return (x / 8 &* 7 + y / 8 &* 5) % 3 == 0 ? (110, 60, 130) : (225, 140, 185)
        }
    }

    private func fluorescence() throws -> String {
        try slide("cells") { x, y in (x / 40 + y / 40) % 3 == 0 && x < 1000 ? (20, 200, 60) : (2, 4, 8) }
    }

    private func patches(_ name: String) -> URL { scratch["job/20x_256px_0px_overlap/patches/\(name)_patches.h5"] }

    @Test func fluorescenceIsRefusedWithTheFlagThatTakesIt() throws {
        let path = try fluorescence()
        let refused = try Command.run("tile", path, "--out", job)
        #expect(refused.exit == 3)
        #expect(refused.errorLines.count == 1)
        #expect(refused.errorLines.first?.hasPrefix("wsi: error[E_DARK_BACKGROUND] cells:") == true)
        #expect(refused.errors.contains("--dark-background"))
        let taken = try Command.run("tile", path, "--out", job, "--dark-background", "--redo")
        #expect(taken.exit == 0, "\(taken.errors)")
        #expect(try PatchFile.read(patches("cells")).grid.count > 10)
        #expect(try Command.run("tile", path, "--out", job, "--dark-background", "--exclude-ink", "0.1").exit == 2)
    }

    @Test func inkIsTakenUnlessItIsToBeLeftOut() throws {
        let path = try inked()
        let all = try Command.run("tile", path, "--out", job)
        #expect(all.exit == 0, "\(all.errors)")
        #expect(all.errors.contains("quality: inked: pen ink on 50 % of the tissue"))
        let (grid, attributes) = try PatchFile.read(patches("inked"))
        #expect(grid.count == 16)
        #expect(
            try PatchFile.readQuality(patches("inked"))?.ink == Array(repeating: 1, count: 8)
                + Array(repeating: 0, count: 8)
        )
        let quality = try JSONDecoder().decode(SlideQuality.self, from: Data(#require(attributes["wsi_quality"]).utf8))
        #expect(quality.ink == 0.5 && quality.flags.first == "pen ink on 50 % of the tissue")
        let clean = try Command.run("tile", path, "--out", job, "--exclude-ink", "0.1", "--redo")
        #expect(clean.exit == 0, "\(clean.errors)")
        #expect(try PatchFile.read(patches("inked")).grid.corners.allSatisfy { $0.y >= 512 })
        let files = Scratch.tree(scratch["job"])
        #expect(files["20x_256px_0px_overlap/quality/inked.jpg"] != nil)
        let outcome = String(decoding: try #require(files["outcomes/tile/inked.json"]), as: UTF8.self)
        #expect(outcome.contains(#""excluded_ink" : 8"#) && outcome.contains(#""focus_median""#))
    }

    private func regions(_ features: String..., to name: String = "regions/inked.geojson") throws -> String {
        let url = try scratch.write(
            #"{"type":"FeatureCollection","features":[\#(features.joined(separator: ","))]}"#,
            to: name
        )
        return url.path
    }

    private func box(_ x: Int, _ y: Int, _ right: Int, _ bottom: Int, _ properties: String = "{}") -> String {
        let ring = "[[\(x),\(y)],[\(right),\(y)],[\(right),\(bottom)],[\(x),\(bottom)],[\(x),\(y)]]"
        return #"{"type":"Feature","properties":\#(properties),"geometry":{"type":"Polygon","coordinates":[\#(ring)]}}"#
    }

    @Test func regionsSayWherePatchesLieAndExclusionsWhereNot() throws {
        let path = try inked()
        let file = try regions(
            box(0, 0, 512, 1024),
            box(0, 0, 256, 512, #"{"classification":{"name":"Exclude"}}"#),
            box(256, 512, 512, 1024, #"{"exclude":true}"#),
            box(512, 0, 1024, 1024, #"{"classification":{"name":"Ignore*"}}"#),
            #"{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[9,9]}}"#
        )
        let skipped =
            "2 feature(s) in 1 file(s) of annotations are not used (1 point, 1 of the class Ignore*): inked.geojson"
        let ahead = try Command.run("tile", path, "--out", job, "--regions", file, "--dry-run")
        #expect(ahead.exit == 0 && ahead.errors.contains(skipped), "\(ahead.errors)")
        let made = try Command.run("tile", path, "--out", job, "--regions", file)
        #expect(made.exit == 0 && made.errors.contains(skipped), "\(made.errors)")
        #expect(
            try PatchFile.read(patches("inked")).grid.corners == [
                PixelPoint(x: 256, y: 0), PixelPoint(x: 256, y: 256), PixelPoint(x: 0, y: 512),
                PixelPoint(x: 0, y: 768),
            ]
        )
        // Glass, which only regions that replace the tissue reach.
        let glass = try regions(box(1024, 0, 1536, 512), to: "glass/inked.geojson")
        let changed = try Command.run("tile", path, "--out", job, "--regions", glass)
        #expect(changed.exit == 4 && changed.errors.contains("regions"))
        #expect(try Command.run("tile", path, "--out", job, "--regions", glass, "--redo").exit == 0)
        #expect(try PatchFile.read(patches("inked")).grid.count == 0)
        let folder = scratch["glass"].path
        // The same outlines from another place are the same outlines.
        let same = try Command.run("tile", path, "--out", job, "--regions", folder)
        #expect(same.exit == 0 && same.errors.contains("all already done"), "\(same.errors)")
        let replaced = try Command.run("tile", path, "--out", job, "--regions", folder, "--regions-replace", "--redo")
        #expect(replaced.exit == 0, "\(replaced.errors)")
        #expect(try PatchFile.read(patches("inked")).grid.count == 4)
    }

    @Test func badRegionsAreOneLineBeforeAnyWork() throws {
        let path = try inked()
        let bad = try scratch.write("no GeoJSON", to: "bad.geojson").path
        for (arguments, code) in [
            (["--regions", bad], "E_TABLE"), (["--regions", scratch["none"].path], "E_NOT_FOUND"),
            (["--regions", bad, "--origin", "top"], "--origin"), (["--origin", "slide"], "--regions"),
        ] {
            let result = try Command.run(["tile", path, "--out", job] + arguments)
            #expect(result.exit == 2, "\(result.errors)")
            #expect(result.errors.contains(code))
        }
        #expect(!FileManager.default.fileExists(atPath: patches("inked").path))
        let elsewhere = try regions(box(9000, 9000, 9999, 9999))
        let result = try Command.run("tile", path, "--out", job, "--regions", elsewhere)
        #expect(result.exit == 3 && result.errorLines.first?.contains("error[E_REGIONS] inked:") == true)
    }

    @Test func slidesOfAnotherScaleAreNamedOnce() throws {
        for (name, mpp) in [("a", 0.5), ("b", 0.498), ("c", 0.5), ("odd", 0.46)] {
            _ = try slide(name, mpp: mpp) { x, y in (x / 16 + y / 16) % 2 == 0 ? (110, 60, 130) : (225, 140, 185) }
        }
        let result = try Command.run("tile", scratch["slides"].path, "--out", job)
        #expect(result.exit == 0, "\(result.errors)")
        let lines = result.errors.split(separator: "\n").filter { $0.contains("nominal scale") }
        #expect(lines.count == 1 && lines[0].hasPrefix("1 slide(s) differ") && lines[0].hasSuffix(": odd"))
        let files = Scratch.tree(scratch["job"])
        func note(_ name: String) -> Bool {
            String(decoding: files["outcomes/tile/\(name).json"] ?? Data(), as: UTF8.self)
                .contains(#""scale_note" : "8 % finer than the cohort's nominal scale""#)
        }
        #expect(note("odd") && !note("a"))
        // What is recorded afterwards does not make a slide stale.
        #expect(try Command.run("tile", scratch["slides"].path, "--out", job).errors.contains("all already done"))
    }

    @Test func workersMemoryAndOrderChangeNoByte() throws {
        let cohort = scratch["cohort"]
        #expect(try Command.run("sample", cohort.path, "--slides", "4", "--side", "2048", "--quiet").exit == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: cohort.appending(path: "slides").path)
            .filter { $0.hasSuffix(".svs") }.sorted()
        #expect(names.count == 4)
        func results(_ job: String, _ order: [String], _ flags: String...) throws -> [String: Data] {
            let list = try scratch.write("wsi\n" + order.map { "cohort/slides/\($0)\n" }.joined(), to: "\(job).csv")
            let arguments = ["tile", "--list", list.path, "--out", scratch[job].path, "--min-focus", "0.05"]
            #expect(try Command.run(arguments + flags).exit == 0)
            return Scratch.tree(scratch[job]).filter { !$0.key.hasPrefix("audit/") }
        }
        let first = try results("one", names, "--workers", "1")
        #expect(first.count == 4 * 7)
        #expect(try results("many", names.reversed(), "--workers", "4", "--worker-memory", "600") == first)
        // One by one in a third order, into one folder.
        var alone: [String: Data] = [:]
        for name in [names[2], names[0], names[3], names[1]] { alone = try results("alone", [name]) }
        #expect(alone == first)
    }
}
