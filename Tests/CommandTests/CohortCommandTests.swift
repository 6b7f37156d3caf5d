import Files
import Foundation
import Imaging
import Records
import Sample
import Storage
import TestSupport
import Testing

/// Flags and commands for many slides.
@Suite struct CohortCommandTests {
    /// Six small slides with tissue all over; they are only read.
    private static let slides = Result<Scratch, any Error> {
        let scratch = try Scratch()
        let image = try PixelArray(size: PixelSize(width: 640, height: 640), red: 190, green: 90, blue: 160)
        for number in 1...6 {
            try PyramidWriter.write(
                image,
                to: scratch["slides/s\(number).svs"],
                // Each of another content.
                options: PyramidOptions(levels: 1, quality: 70 + number)
            )
        }
        try PyramidWriter.write(
            image,
            to: scratch["scaleless.svs"],
            options: PyramidOptions(levels: 1, description: .aperioWithoutScale)
        )
        return scratch
    }

    private let slides: Scratch
    private let scratch: Scratch
    private var job: String { scratch["job"].path }

    init() throws {
        slides = try Self.slides.get()
        scratch = try Scratch()
    }

    /// Everything but the records of runs.
    private func tree(_ job: String) -> [String: Data] {
        Scratch.tree(scratch[job]).filter { !$0.key.hasPrefix("audit/") }
    }

    @Test func theShardsOfACohortTogetherAreTheCohort() throws {
        let folder = slides["slides"].path
        #expect(try Command.run("tile", folder, "--out", scratch["whole"].path).exit == 0)
        #expect(try Command.run("features", scratch["whole"].path, "--encoder", "he-texture-v1").exit == 0)
        for shard in ["1/3", "2/3", "3/3"] {
            let tiled = try Command.run("tile", folder, "--out", job, "--shard", shard)
            #expect(tiled.exit == 0, "\(tiled.errors)")
        }
        for shard in ["2/2", "1/2"] {
            let made = try Command.run("features", job, "--encoder", "he-texture-v1", "--shard", shard)
            #expect(made.exit == 0, "\(made.errors)")
        }
        #expect(tree("job") == tree("whole"))
        #expect(tree("job").keys.count { $0.hasPrefix("outcomes/") } == 12)
    }

    @Test func aDryRunSaysWhatIsAheadAndWritesNothing() throws {
        let folder = slides["slides"].path
        let tile = try Command.run("tile", folder, "--out", job, "--dry-run")
        #expect(tile.exit == 0, "\(tile.errors)")
        // Patches of 256 on 640 pixels, half of the last ones beyond the edge: nine on each slide.
        #expect(tile.output.hasPrefix("tile: 6 slide(s) to do, 0 done, 0 would fail\n  patches  about 54\n"))
        #expect(tile.output.contains("measured on 6 slide(s)"))
        #expect(tile.output.hasSuffix("nothing was written\n"))
        #expect(!FileManager.default.fileExists(atPath: job))

        // Regions count here as they do in the run: one of nine patches on one slide.
        let ring = [(0.0, 0.0), (256, 0), (256, 256), (0, 256)].map { PlanePoint(x: $0, y: $1) }
        let name = try #require(FileManager.default.contentsOfDirectory(atPath: folder).min()).prefix { $0 != "." }
        try GeoJSON(features: [.init(polygons: [PlanePolygon(outer: ring)])], origin: .slide)
            .write(to: scratch["regions/\(name).geojson"])
        let part = try Command.run(
            "tile",
            folder,
            "--out",
            job,
            "--dry-run",
            "--regions",
            scratch["regions"].path
        )
        #expect(part.output.contains("  patches  about 46\n"), "\(part.output)")

        #expect(try Command.run("tile", folder, "--out", job, "--shard", "1/2").exit == 0)
        let before = Scratch.tree(scratch["job"])
        let features = try Command.run("features", job, "--encoder", "he-texture-v1", "--dry-run")
        let tiled = before.keys.count { $0.hasPrefix("outcomes/tile/") }
        #expect(features.output.contains(" \(tiled) slide(s) to do, 0 done, 0 would fail"))
        #expect(features.output.contains("patches  about \(9 * tiled)\n"))
        let rest = try Command.run("tile", folder, "--out", job, "--dry-run")
        #expect(rest.output.hasPrefix("tile: \(6 - tiled) slide(s) to do, \(tiled) done, 0 would fail\n"))
        #expect(Scratch.tree(scratch["job"]) == before)
    }

    @Test func aDryRunFindsWhatWouldFail() throws {
        let files = scratch["slides"]
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        for name in ["a", "b"] {
            try FileManager.default.copyItem(at: slides["slides/s1.svs"], to: files.appending(path: "\(name).svs"))
        }
        try FileManager.default.copyItem(at: slides["scaleless.svs"], to: files.appending(path: "c.svs"))
        _ = try scratch.write("no slide", to: "slides/d.svs")
        let result = try Command.run("tile", files.path, "--out", job, "--dry-run")
        #expect(result.exit == 3)
        #expect(result.errorLines.count == 2)
        #expect(result.errorLines.first?.hasPrefix("wsi: error[E_MPP_MISSING] c: ") == true)
        #expect(result.errorLines.last?.hasPrefix("wsi: error[E_SLIDE_OPEN] d: ") == true)
        #expect(result.errors.contains("warning: slides of the same content: a, b\n"))
        #expect(result.output.hasPrefix("tile: 4 slide(s) to do, 0 done, 2 would fail\n  patches  about 18\n"))
        #expect(!FileManager.default.fileExists(atPath: job))
    }

    @Test func aDryRunThatWouldBeRefusedIsRefused() throws {
        let folder = slides["slides"].path
        #expect(try Command.run("tile", folder, "--out", job).exit == 0)
        let before = Scratch.tree(scratch["job"])
        let refused = try Command.run("tile", folder, "--out", job, "--min-tissue", "0.5", "--dry-run")
        #expect(refused.exit == 4)
        #expect(refused.output.isEmpty)
        let replaced = try Command.run("tile", folder, "--out", job, "--min-tissue", "0.5", "--dry-run", "--redo")
        #expect(replaced.output.hasPrefix("tile: 6 slide(s) to do, 0 done, 0 would fail\n"))
        #expect(Scratch.tree(scratch["job"]) == before)
    }

    @Test func theStatusOfAJobCountsWhatStandsThere() throws {
        let files = scratch["slides"]
        try FileManager.default.copyItem(at: slides["slides"], to: files)
        _ = try scratch.write("no slide", to: "slides/torn.svs")
        let tiled = try Command.run("tile", files.path, "--out", job)
        #expect(tiled.exit == 3)
        #expect(tiled.errors.contains(/7 slides in [\d.]+ s: .*[a-z]+ limits \(\d+ % of the workers' time/))
        let made = try Command.run("features", job, "--encoder", "he-texture-v1", "--shard", "1/2")
        #expect(made.errors.contains(/patches in [\d.]+ s: .*[a-z]+ limits \(/))
        let before = Scratch.tree(scratch["job"])
        let some = before.keys.count { $0.hasPrefix("outcomes/features_he-texture-v1/") }

        let shown = try Command.run("status", job)
        #expect(shown.exit == 0)
        #expect(shown.errors.isEmpty)
        let rows = shown.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(rows.first == ["stage", "done", "empty", "failed", "stale", "waiting"])
        #expect(rows.contains(["tile", "6", "0", "1", "0", "0"]))
        #expect(rows.contains(["features_he-texture-v1", "\(some)", "0", "0", "0", "\(6 - some)"]))
        #expect(shown.output.contains("  E_SLIDE_OPEN, 1 (torn): not a readable slide"))
        #expect(shown.output.contains(/last run 20\d\d-\d\d-\d\dT.*limits/))

        let json = try Command.run("status", job, "--json")
        #expect(json.exit == 0)
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        let stages = object?["stages"] as? [[String: Any]]
        #expect(stages?.map { $0["name"] as? String } == ["tile", "features_he-texture-v1"])
        #expect(stages?.first?["failed"] as? Int == 1)
        #expect(Scratch.tree(scratch["job"]) == before)
    }

    @Test func theStatusOfAnEmptyFolderAndOfNone() throws {
        try FileManager.default.createDirectory(at: scratch["job"], withIntermediateDirectories: true)
        let empty = try Command.run("status", job)
        #expect((empty.exit, empty.output) == (0, "nothing has been done here\n"))
        let none = try Command.run("status", scratch["none"].path)
        #expect(none.exit == 2)
        #expect(none.errorLines.count == 1)
    }

    @Test func slideNamesWithAccentsAndSpacesGoThroughAllStages() throws {
        let name = "Größe é 1+2 (b)"
        let file = scratch["slides/\(name.decomposedStringWithCanonicalMapping).svs"]
        try FileManager.default.createDirectory(at: scratch["slides"], withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: slides["slides/s1.svs"], to: file)
        #expect(try Command.run("tile", scratch["slides"].path, "--out", job).exit == 0)
        let made = try Command.run("features", job, "--encoder", "he-texture-v1")
        #expect(made.exit == 0, "\(made.errors)")
        let folder = scratch["job/20x_256px_0px_overlap/features_he-texture-v1"]
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.map { Array($0.utf8) } == [Array("\(name).h5".precomposedStringWithCanonicalMapping.utf8)])
    }
}
