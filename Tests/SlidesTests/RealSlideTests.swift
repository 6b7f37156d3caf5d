import Foundation
import Records
import Sample
import TestSupport
import Testing

@testable import Config
@testable import Imaging
@testable import Slides

@Suite(.enabled(if: SharedData.isThere, "\(SharedData.absence)"))
struct RealSlideTests {
    private func tiling(_ name: String, _ change: (inout TilingConfig) -> Void = { _ in }) throws -> SlideTiling {
        var config = TilingConfig()
        change(&config)
        return try SlideTiling(
            of: Slide(path: SharedData.path("slides/\(name)")),
            id: SlideID("real"),
            config: config
        )
    }

    private func failure(_ path: String, mpp: Double? = nil) -> Failure? {
        do {
            var config = TilingConfig()
            config.slideMPP = mpp
            _ = try SlideTiling(of: Slide(path: path), id: SlideID("real"), config: config)
        } catch { return Failure(error) }
        return nil
    }

    @Test func theSameSlideInTwoFormatsHasTheSamePatches() throws {
        let aperio = try tiling("CMU-1-Small-Region.svs").grid
        let generic = try tiling("cmu1_small_region_pyramid.tif").grid
        #expect(aperio.scale == SlideScale(mpp: 0.499, source: .property))
        #expect(generic.scale.source == .tiffCentimetre && abs(generic.scale.mpp - 0.499) < 1e-9)
        let common = Set(aperio.corners).intersection(generic.corners).count
        #expect(Double(common) >= 0.95 * Double(max(aperio.count, generic.count)))
        #expect(aperio.count == 49)
        #expect(try tiling("CMU-1-Small-Region.svs") { $0.edge = .drop }.grid.count == 44)
    }

    @Test func aSlideWithoutMPPNeedsOneFromTheUser() throws {
        let path = SharedData.path("slides/TCGA-CR-7395-01A-01-TS1.svs")
        #expect(failure(path)?.code == .mppMissing)
        let tiling = try tiling("TCGA-CR-7395-01A-01-TS1.svs") { $0.slideMPP = 0.5 }
        #expect(tiling.grid.scale == SlideScale(mpp: 0.5, source: .option))
        #expect(tiling.emptyReason == nil && tiling.grid.count == 167)
    }

    @Test func aWholeSlideAtEightMicronsHasItsLymphNodesAndNotItsInkCrosses() throws {
        let name = "camelyon16_tumor_001_level5.tif"
        func isTissue(_ mask: TissueMask, _ x: Int, _ y: Int) -> Bool {
            mask.isTissue(x: Int(Double(x) / mask.scale), y: Int(Double(y) / mask.scale))
        }
        let mask = try TissueMask(of: Slide(path: SharedData.path("slides/\(name)")), mpp: 7.8, config: MaskConfig())
        // Three nodes; then glass, both crosses, the dark edge of the cover slip.
        for (x, y) in [(2000, 4000), (1600, 4130), (150, 4100)] { #expect(isTissue(mask, x, y)) }
        for (x, y) in [(1300, 1400), (470, 480), (2730, 470), (1500, 430), (1500, 6200)] {
            #expect(!isTissue(mask, x, y))
        }
        #expect(abs(mask.facts.areaUM2 / 91_514_007 - 1) < 0.01)
        #expect(failure(SharedData.path("slides/\(name)"), mpp: 7.8)?.code == .upsampling)
    }

    @Test func badFilesFailWithTheirCode() {
        #expect(failure(SharedData.path("negative/broken.svs"))?.code == .slideOpen)
        // Pictures in strips, which are read, and say nothing of their scale.
        for name in ["invalid_metadata.tif", "stripped_almost_empty.tif"] {
            #expect(failure(SharedData.path("negative/\(name)"))?.code == .mppMissing)
        }
        #expect(failure(SharedData.path("negative/single_channel.tif"), mpp: 0.5)?.code == .slideFormat)
    }

    @Test func nothingThatNamesAPersonLeavesTheSlide() throws {
        let slide = try Slide(path: SharedData.path("slides/CMU-1-Small-Region.svs"))
        let text = String(decoding: try JSONEncoder().encode(slide.facts), as: UTF8.self)
        for planted in ["b414003d", "12/29/09", "09:59:15", "CPAPERIOCS", "1004486", "CMU"] {
            #expect(!text.contains(planted))
        }
        #expect(slide.facts.objectivePower == 20 && slide.facts.mppX == 0.499 && slide.vendor == "aperio")
    }

    /// Per cent of the patches of the slide as it is, at least.
    @Test(arguments: [(25, false, 90), (10, false, 70), (100, true, 80)])
    func paleAndGreyTissueKeepsItsPatches(percent: Int, isGrey: Bool, least: Int) throws {
        let slide = try Slide(path: SharedData.path("slides/CMU-1-Small-Region.svs"))
        var image = try slide.read(level: 0, x: 0, y: 0, width: slide.size.width, height: slide.size.height)
        for at in stride(from: 0, to: image.pixels.count, by: 3) {
            let colour = image.pixels[at..<(at + 3)].map { 255 - (255 - Int($0)) * percent / 100 }
            let brightness = (77 * colour[0] + 150 * colour[1] + 29 * colour[2]) / 256
            for channel in 0..<3 {
                image.pixels[at + channel] = UInt8(clamping: isGrey ? brightness : colour[channel])
            }
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "wsi-pale-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "pale.svs")
        let options = PyramidOptions(levels: 2, description: .aperio(mpp: 0.499, magnification: 20))
        try PyramidWriter.write(PixelArray(size: slide.size, bytes: image.pixels), to: file, options: options)
        var config = TilingConfig()
        config.edge = .drop
        let pale = try SlideTiling(of: Slide(path: file.path), id: SlideID("pale"), config: config)
        let wanted = Set(try tiling("CMU-1-Small-Region.svs") { $0.edge = .drop }.grid.corners)
        try #require(wanted.count == 44)
        #expect(wanted.intersection(pale.grid.corners).count * 100 >= 44 * least)
        #expect(pale.notes.isEmpty)
    }

    @Test func tilingTwiceGivesTheSameBytes() throws {
        let (first, second) = (try tiling("CMU-1-Small-Region.svs"), try tiling("CMU-1-Small-Region.svs"))
        #expect(first.grid == second.grid)
        #expect(first.thumbnail == second.thumbnail && first.contours == second.contours)
        #expect(first.visualization == second.visualization && first.contoursGeoJSON == second.contoursGeoJSON)
    }

    @Test func everyPatchIsReadInRowOrder() throws {
        let slide = try Slide(path: SharedData.path("slides/CMU-1-Small-Region.svs"))
        let grid = try tiling("CMU-1-Small-Region.svs").grid
        var reader = PatchReader(of: slide, grid: grid, batchSize: 10)
        var rows: [Int] = []
        while let batch = try reader.nextBatch() {
            #expect(batch.pixels.count == batch.count * 256 * 256 * 3)
            rows += batch.rows
        }
        #expect(rows == Array(0..<grid.count) && reader.unreadable.isEmpty)
    }
}
