import Files
import Foundation
import Records
import Sample
import Storage
import TestSupport
import Testing

/// Predictions on features of other tools, whose patches lie where their coordinates say, or do not.
@Suite struct PlacementCommandTests {
    private let scratch: Scratch
    private var layout: JobLayout { JobLayout(root: scratch["job"]) }

    /// A tiled slide of 1024 × 768 pixels, all of it tissue.
    init() throws {
        scratch = try Scratch()
        try Self.write(scratch["made.svs"], quality: 90)
        let tiled = try Command.run("tile", scratch["made.svs"].path, "--out", scratch["job"].path)
        try #require(tiled.exit == 0, "\(tiled.errors)")
    }

    private static func write(_ url: URL, quality: Int) throws {
        let size = PixelSize(width: 1024, height: 768)
        let bytes = (0..<(size.width * size.height)).flatMap { at -> [UInt8] in
            let (x, y) = (at % size.width, at / size.width)
            return (x / 8 &* 7 + y / 8 &* 5) % 3 == 0 ? [110, 60, 130] : [225, 140, 185]
        }
        try PyramidWriter.write(
            try PixelArray(size: size, bytes: bytes),
            to: url,
            options: PyramidOptions(
                quality: quality,
                colour: .yCbCr444,
                description: .aperio(mpp: 0.5, magnification: 20)
            )
        )
    }

    /// A prediction of 4 × 3 patches of another tool, drawn.
    private func heatmap(_ onSlide: PatchFacts.OnSlide, moved: (PixelPoint) -> PixelPoint = { $0 }) throws -> Command {
        try layout.addPrediction((0..<12).map { moved(PixelPoint(x: $0 % 4 * 256, y: $0 / 4 * 256)) }, onSlide)
        return try Command.run("heatmap", scratch["job"].path, "--model", "m", "--redo")
    }

    private let inferred = PatchFacts.OnSlide(side: 256, sideOrigin: .inferred)

    @Test func patchesOnTheirSlideAreDrawnAndReportsSayThatTheSideWasInferred() throws {
        let drawn = try heatmap(inferred)
        #expect(drawn.exit == 0, "\(drawn.errors)")
        #expect(try Command.run("report", scratch["job"].path, "--model", "m").exit == 0)
        let report = try String(contentsOf: scratch["job/reports/m/made.html"], encoding: .utf8)
        #expect(report.contains("256 level-0 pixels, inferred from the distance of patches"))
    }

    @Test func patchesBesideTheTissueAreDrawnWithAWarning() throws {
        #expect(try !heatmap(inferred).errors.contains("warning"))
        let drawn = try heatmap(inferred) { PixelPoint(x: $0.x / 2, y: $0.y / 2) }
        #expect(drawn.exit == 0, "\(drawn.errors)")
        let words = "100 % of the patches touch it and cover 42 % of it"
        #expect(drawn.errors.contains("warning: made: its patches may be another slide's or of another scale"))
        #expect(drawn.errors.contains(words), "\(drawn.errors)")
        let status = try Command.run("status", scratch["job"].path).output
        #expect(status.contains("  note, 1 (made): its patches may be") && status.contains(words), "\(status)")
    }

    @Test func aSlideThatWasReplacedSinceIsNotDrawnOn() throws {
        #expect(try heatmap(inferred).exit == 0)
        try Self.write(scratch["made.svs"], quality: 70)
        let job = scratch["job"].path
        let refused = try Command.run("heatmap", job, "--model", "m", "--scale", "percentile")
        #expect(refused.exit == 4, "\(refused.errors)")
        #expect(refused.errors.contains("error[E_MISMATCH] made: its file is another than the one that was tiled"))
        #expect(refused.errors.contains("wsi tile, wsi features and wsi predict again with --redo"))
    }

    @Test func patchesThatAreNotWhatWasWrittenAreNotComparedWith() throws {
        let patches = scratch["job/20x_256px_0px_overlap/patches/made_patches.h5"]
        try AtomicFile.write(try Data(contentsOf: patches).dropLast(100), to: patches)
        let refused = try heatmap(inferred)
        #expect(refused.exit == 4, "\(refused.errors)")
        #expect(refused.errors.contains("error[E_DIGEST] made:") && refused.errors.contains("made_patches.h5 has"))
    }

    @Test func patchesOffTheirSlideAreRefused() throws {
        for moved in [
            { PixelPoint(x: $0.x + 100_000, y: $0.y) }, { PixelPoint(x: $0.x - 1, y: $0.y) },
            { PixelPoint(x: 2 * $0.x, y: 2 * $0.y) }, { PixelPoint(x: $0.x, y: $0.y + 256) },
        ] as [(PixelPoint) -> PixelPoint] {
            let refused = try heatmap(inferred, moved: moved)
            #expect(refused.exit == 4, "\(refused.errors)")
            #expect(refused.errors.contains("error[E_MISMATCH] made:"))
        }
    }

    @Test func aSlideOfAnotherSizeOrAGridOfAnotherStepIsRefused() throws {
        var other = inferred
        other.size = PixelSize(width: 2048, height: 1536)
        let size = try heatmap(other)
        #expect(size.exit == 4 && size.errors.contains("2048 × 1536"), "\(size.errors)")
        let stated = PatchFacts.OnSlide(side: 256, sideOrigin: .stated, step: 256)
        let halved = try heatmap(stated) { PixelPoint(x: $0.x / 2, y: $0.y / 2) }
        #expect(halved.exit == 4 && halved.errors.contains("128 pixels apart"), "\(halved.errors)")
    }

    @Test func aSideThatNobodyKnowsIsNoBug() throws {
        let refused = try heatmap(PatchFacts.OnSlide())
        #expect(refused.exit == 3, "\(refused.errors)")
        #expect(refused.errors.contains("error[E_BAG] made:") && refused.errors.contains("--patch-size-level0"))
    }
}
