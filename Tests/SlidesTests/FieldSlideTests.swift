import Config
import Foundation
import Imaging
import Records
import TestSupport
import Testing

@testable import Slides

/// What becomes of files as people have them, one row for each: it opens with this size and scale and has tissue or not, or it is
/// refused in these words.
@Suite(.enabled(if: SharedData.has("field/slides"), "\(SharedData.absence)"))
struct FieldSlideTests {
    struct Row: CustomTestStringConvertible {
        var file: String
        var verdict: Verdict

        var testDescription: String { file }
    }

    enum Verdict {
        /// `mpp` is that of level 0 within 0.1 %, nil where the file says none that can be believed; `tissue` is nil where that is not
        /// of interest.
        case opens(PixelSize, levels: Int = 1, mpp: Double?, tissue: Tissue? = nil)
        /// When it is opened.
        case refused(ErrorCode, String)
    }

    enum Tissue {
        /// Patches of `side` pixels at `mpp` µm.
        case patches(mpp: Double, side: Int)
        case none
        /// Tiling refuses it.
        case refused(ErrorCode, String)
    }

    private static func size(_ width: Int, _ height: Int) -> PixelSize { PixelSize(width: width, height: height) }

    private static let fine = Tissue.patches(mpp: 0.5, side: 256)
    /// µm per pixel of the slide that most of them are made of.
    private static let cmu1 = 0.499

    static let rows = tiled + others + dicom + refused

    /// Tiled TIFFs.
    private static let tiled = [
        Row(
            file: "field/slides/levels/blank_low_level.tif",
            verdict: .opens(size(2048, 2048), levels: 2, mpp: cmu1, tissue: fine)
        ),
        Row(
            file: "field/slides/levels/stretched_level.tif",
            verdict: .opens(size(2048, 2048), levels: 2, mpp: cmu1, tissue: fine)
        ),
        Row(
            file: "field/slides/pale/faded25.tif",
            verdict: .opens(size(2220, 2967), levels: 2, mpp: cmu1, tissue: fine)
        ),
        Row(file: "field/slides/pale/grey.tif", verdict: .opens(size(2220, 2967), levels: 2, mpp: cmu1, tissue: fine)),
        Row(
            file: "field/slides/sparse_jpeg.tif",
            verdict: .opens(size(2048, 2048), levels: 2, mpp: cmu1, tissue: fine)
        ),
        Row(
            file: "field/slides/ome_subifd.ome.tif",
            verdict: .opens(size(2048, 2048), levels: 3, mpp: 0.499, tissue: fine)
        ),
        Row(file: "field/slides/os1_bigendian.ome.tif", verdict: .opens(size(1101, 1101), mpp: 0.2271, tissue: fine)),
        Row(
            file: "field/slides/os1_bigtiff_rgb_tag.ome.tif",
            verdict: .opens(size(1101, 1101), mpp: 0.2271, tissue: fine)
        ),
        Row(file: "field/slides/os1_bigtiff_ycc.ome.tif", verdict: .opens(size(1101, 1101), mpp: 0.2271, tissue: fine)),
    ]

    /// TIFFs that say no µm, or impossible ones, and OpenSlide's own formats.
    private static let others = [
        Row(file: "field/slides/CMU-1-Small-Region.jpeg.tiff", verdict: .opens(size(2220, 2967), mpp: nil)),
        Row(file: "field/slides/CMU-1-Small-Region.webp.tiff", verdict: .opens(size(2220, 2967), mpp: nil)),
        Row(file: "field/slides/XYC_JPEG_bfconvert.ome.tiff", verdict: .opens(size(512, 512), mpp: nil)),
        // In strips.
        Row(file: "negative/invalid_metadata.tif", verdict: .opens(size(2048, 2048), levels: 2, mpp: nil)),
        Row(file: "negative/stripped_almost_empty.tif", verdict: .opens(size(1493, 901), mpp: nil)),
        Row(
            file: "field/slides/fluorescence_dapi.ndpi",
            verdict: .opens(
                size(3968, 4864),
                levels: 7,
                mpp: 0.22818,
                tissue: .refused(.darkBackground, "as in fluorescence; accept such slides with --dark-background")
            )
        ),
    ]

    private static let dicom = [
        Row(
            file: "field/slides/camelyon_jpeg.dcm",
            verdict: .opens(size(1152, 700), mpp: 28.9685, tissue: .patches(mpp: 29, side: 64))
        ),
        Row(file: "field/slides/cmu1_ybr_full.dcm", verdict: .opens(size(2220, 2967), mpp: 0.499, tissue: fine)),
        // Two files of one slide.
        Row(
            file: "field/slides/dicom_series/level0.dcm",
            verdict: .opens(
                size(1152, 700),
                levels: 2,
                mpp: 28.9685,
                tissue: .patches(mpp: 58, side: 32)
            )
        ),
        Row(
            file: "field/slides/dicom_series/level1.dcm",
            verdict: .opens(size(1152, 700), levels: 2, mpp: 28.9685)
        ),
        // Too small to be tiled.
        Row(
            file: "field/slides/highdicom_sm_image.dcm",
            verdict: .opens(size(50, 50), mpp: 0.499, tissue: Tissue.none)
        ),
    ]

    private static let refused = [
        Row(file: "field/slides/hs2p-test-mask.tif", verdict: .refused(.slideFormat, "of 8 bits")),
        Row(file: "negative/single_channel.tif", verdict: .refused(.slideFormat, "of 8 bits")),
        Row(file: "field/slides/viv-multi-channel.ome.tif", verdict: .refused(.slideFormat, "3 channels")),
        Row(
            file: "negative/broken.svs",
            verdict: .refused(.slideOpen, "it does not begin as a TIFF, which .svs files are")
        ),
    ]

    private func failure(_ work: () throws -> Void) -> Failure? {
        do { try work() } catch { return Failure(error) }
        return nil
    }

    @Test(arguments: rows) func everyFileHasItsVerdict(row: Row) throws {
        let path = SharedData.path(row.file)
        switch row.verdict {
        case .refused(let code, let words):
            let failure = failure { _ = try Slide(path: path) }
            #expect(failure?.code == code, "\(failure?.message ?? "it opened")")
            #expect(failure?.message.contains(words) == true && failure?.message.contains("; ") == true)
            #expect(failure?.message.contains("re-copy") == (code == .slideOpen))
        case .opens(let size, let levels, let mpp, let tissue):
            let slide = try Slide(path: path)
            #expect(slide.size == size && slide.levels.count == levels)
            guard let mpp else {
                let code = failure { _ = try slide.scale() }?.code
                #expect(code == .mppMissing || code == .mppImplausible)
                return
            }
            let found = try slide.scale()
            #expect(abs(found.mpp / mpp - 1) < 0.001, "\(found)")
            try check(tissue, of: slide)
        }
    }

    private func check(_ tissue: Tissue?, of slide: Slide) throws {
        func tiling(_ mpp: Double, _ side: Int) throws -> SlideTiling {
            var config = TilingConfig()
            (config.mpp, config.patchSize) = (mpp, side)
            return try SlideTiling(of: slide, id: SlideID("field"), config: config)
        }
        switch tissue {
        case .patches(let mpp, let side):
            let tiling = try tiling(mpp, side)
            #expect(tiling.grid.count > 0 && tiling.emptyReason == nil)
        case .some(.none):
            let tiling = try tiling(0.5, 256)
            #expect(tiling.grid.count == 0 && tiling.emptyReason != nil)
        case .refused(let code, let words):
            let failure = failure { _ = try tiling(0.5, 256) }
            #expect(failure?.code == code && failure?.message.contains(words) == true)
        case nil: break
        }
    }

    /// JPEG that a tag calls RGB and that is YCbCr has the colours of its twin with the right tag.
    @Test func aWrongTagDoesNotChangeTheColours() throws {
        let slides = try ["rgb_tag", "ycc"].map {
            try Slide(path: SharedData.path("field/slides/os1_bigtiff_\($0).ome.tif"))
        }
        for (x, y) in [(0, 0), (480, 480), (700, 900)] {
            let images = try slides.map { try $0.read(level: 0, x: x, y: y, width: 160, height: 160) }
            // Two arrays in the expectation itself would be listed with all their differences.
            let areEqual = images[0].pixels == images[1].pixels
            #expect(areEqual, "\(x), \(y)")
        }
    }

    /// What a file leaves out is no tissue.
    @Test func missingTilesAreBackground() throws {
        let slide = try Slide(path: SharedData.path("field/slides/sparse_jpeg.tif"))
        // Its first two columns of eight.
        for tile in [0, 1, 8, 33, 57] {
            let (image, _) = try slide.readWithAlpha(
                level: 0,
                x: tile % 8 * 256 + 64,
                y: tile / 8 * 256 + 64,
                width: 64,
                height: 64
            )
            #expect(image.pixels.allSatisfy { $0 == 255 }, "\(tile)")
        }
    }
}
