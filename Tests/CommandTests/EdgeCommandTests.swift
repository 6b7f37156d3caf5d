import Files
import Foundation
import Imaging
import Records
import Sample
import Storage
import TestSupport
import Testing

/// Patches beyond the edge of a slide, from tiling to pictures.
@Suite struct EdgeCommandTests {
    private let scratch: Scratch
    private let slide: URL
    private var job: String { scratch["job"].path }
    private var layout: JobLayout { JobLayout(root: scratch["job"]) }
    private var patches: URL { scratch["job/20x_256px_0px_overlap/patches/made_patches.h5"] }

    /// 900 × 700 pixels, tissue from x = 128 on: the last column has 132 pixels on the slide, the last row 188.
    init() throws {
        scratch = try Scratch()
        slide = scratch["made.svs"]
        let size = PixelSize(width: 900, height: 700)
        let bytes = (0..<(size.width * size.height)).flatMap { at -> [UInt8] in
            let (x, y) = (at % size.width, at / size.width)
            if x < 128 { return [243, 242, 244] }
            return (x / 8 &* 7 + y / 8 &* 5) % 3 == 0 ? [110, 60, 130] : [225, 140, 185]
        }
        try PyramidWriter.write(
            try PixelArray(size: size, bytes: bytes),
            to: slide,
            options: PyramidOptions(quality: 90, colour: .yCbCr444, description: .aperio(mpp: 0.5, magnification: 20))
        )
    }

    private func tile(_ flags: String...) throws -> Command {
        try Command.run(["tile", slide.path, "--out", job] + flags)
    }

    @Test func patchesAtTheEdgeAreTakenUnlessTheyAreToBeDropped() throws {
        let padded = try tile()
        #expect(padded.exit == 0, "\(padded.errors)")
        let grid = try PatchFile.read(patches).grid
        #expect(grid.count == 12 && grid.corners.last == PixelPoint(x: 768, y: 512))
        let outside = try #require(try PatchFile.readQuality(patches)?.outside)
        #expect(zip(outside, [0, 0, 0, 1 - Float(132) / 256]).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(abs(outside[11] - (1 - Float(132 * 188) / 65_536)) < 1e-6)
        let refused = try tile("--edge", "drop")
        #expect(refused.exit == 4 && refused.errors.contains("edge"))
        #expect(try tile("--edge", "drop", "--redo").exit == 0)
        #expect(try PatchFile.read(patches).grid.corners.map(\.x) == [0, 256, 512, 0, 256, 512])
        #expect(try tile("--edge", "wrap").exit == 2)
        let dry = try Command.run("tile", slide.path, "--out", scratch["dry"].path, "--dry-run")
        #expect(dry.exit == 0 && dry.output.contains("  patches  about 12\n"), "\(dry.output)")
    }

    /// As the program wrote it before patches could reach beyond the edge.
    private func age() throws {
        let url = layout.outcome(stage: .tile, try UnitID("made"))
        var outcome = try CanonicalJSON.read(Outcome.self, from: url)
        outcome.fingerprint.format = 1
        outcome.fingerprint.parameters["edge"] = nil
        try CanonicalJSON.write(outcome, to: url)
    }

    @Test func aSlideTiledBeforeIsNotTiledAgainInSilence() throws {
        #expect(try tile("--edge", "drop").exit == 0)
        try age()
        let before = try Data(contentsOf: patches)
        for flags in [[], ["--edge", "drop"]] {
            let refused = try Command.run(["tile", slide.path, "--out", job] + flags)
            #expect(refused.exit == 4 && refused.errorLines.count == 1, "\(refused.errors)")
            #expect(refused.errorLines.first?.hasPrefix("wsi: error[E_FINGERPRINT] made:") == true)
            #expect(refused.errors.contains("edge") && refused.errors.contains("--redo"))
        }
        #expect(try Data(contentsOf: patches) == before)
        let features = try Command.run("features", job, "--encoder", "he-texture-v1")
        #expect(features.exit == 0, "\(features.errors)")
        #expect(try Command.run("status", job).exit == 0)
        #expect(try tile("--redo").exit == 0)
        #expect(try PatchFile.read(patches).grid.count == 12)
    }

    /// A prediction of the tiled patches, without the one at (512, 256).
    private func predict() throws {
        var grid = try PatchFile.read(patches).grid
        grid.corners.removeAll { $0 == PixelPoint(x: 512, y: 256) }
        try layout.addPrediction(grid.corners, grid: grid)
    }

    private func heatmap(_ flags: String...) throws -> Command {
        try Command.run(["heatmap", job, "--model", "m"] + flags)
    }

    private func unexamined(_ stage: String) throws -> Double? {
        try CanonicalJSON.read(Outcome.self, from: layout.outcome(stage: StageName(stage), UnitID("made"))).unexamined
    }

    @Test func picturesTellTheShareOfTissueThatNoPatchCovers() throws {
        #expect(try tile().exit == 0)
        try predict()
        let drawn = try heatmap("--panel", "--geojson", "--top")
        #expect(drawn.exit == 0, "\(drawn.errors)")
        #expect(try Command.run("report", job, "--model", "m").exit == 0)
        // One whole patch of 772 × 700 pixels of tissue.
        let wanted = Double(256 * 256) / Double(772 * 700)
        for stage in ["heatmap_m", "heatmap.panel_m", "heatmap.report_m"] {
            let share = try #require(try unexamined(stage), "\(stage)")
            #expect(abs(share - wanted) < 0.002, "\(stage): \(share) for \(wanted)")
        }
        #expect(try unexamined("heatmap.geojson_m") == nil)
        let report = try String(contentsOf: scratch["job/reports/m/made.html"], encoding: .utf8)
        #expect(report.contains(/12\.[0-3] % of the tissue was not examined/))
        let tiles = try GeoJSON(contentsOf: scratch["job/heatmaps/m/made.geojson"]).features.flatMap(\.polygons)
        #expect(tiles.flatMap(\.outer).map(\.x).max() == 900 && tiles.flatMap(\.outer).map(\.y).max() == 700)
    }

    @Test func nothingIsSaidOfTissueThatTheJobDoesNotKnow() throws {
        #expect(try tile().exit == 0)
        try predict()
        try FileManager.default.removeItem(at: layout.outcome(stage: .tile, UnitID("made")))
        #expect(try heatmap().exit == 0)
        #expect(try unexamined("heatmap_m") == nil)
    }

    @Test func otherOutlinesThanThoseOfTheTilingAreNotBelieved() throws {
        #expect(try tile().exit == 0)
        try predict()
        let outlines = scratch["job/contours_geojson/made.geojson"]
        let known = try Data(contentsOf: outlines)
        for other in [Data(known.dropLast()), nil] {
            try FileManager.default.removeItem(at: outlines)
            try other?.write(to: outlines)
            let refused = try heatmap()
            #expect(refused.exit == 4, "\(refused.errors)")
            #expect(refused.errors.contains("error[E_DIGEST] made: contours_geojson/made.geojson"))
        }
        #expect(try tile().exit == 0)
        #expect(try Data(contentsOf: outlines) == known)
        #expect(try heatmap().exit == 0)
    }

    @Test func picturesOfBeforeStandUntilTheyAreDrawnAgain() throws {
        #expect(try tile().exit == 0)
        try predict()
        #expect(try heatmap().exit == 0)
        let url = layout.outcome(stage: StageName("heatmap_m"), try UnitID("made"))
        var outcome = try CanonicalJSON.read(Outcome.self, from: url)
        outcome.fingerprint.inputs["tissue"] = nil
        outcome.unexamined = nil
        try CanonicalJSON.write(outcome, to: url)
        let stands = try heatmap()
        #expect(stands.exit == 0 && stands.errors.contains("all already done"), "\(stands.errors)")
        #expect(try unexamined("heatmap_m") == nil)
        #expect(try heatmap("--redo").exit == 0)
        #expect(try unexamined("heatmap_m") != nil)
    }
}
