import Foundation
import Records
import TestSupport
import Testing

@testable import Config
@testable import Files
@testable import Storage

/// What files of ours and of other tools say of their patches.
@Suite struct FeatureFactsTests {
    private let scratch: Scratch
    private var url: URL { scratch.file("a.h5") }

    init() throws { scratch = try Scratch() }

    /// Three patches in a row with these attributes.
    private func make(
        step: Int = 256,
        _ attributes: [(String, HDF5Value)],
        root: [(String, HDF5Value)] = []
    ) throws -> FeatureFile {
        try? FileManager.default.removeItem(at: url)
        try HDF5File.make(at: url) { file in
            try file.create("features", .float32, shape: [3, 1]).write([Float(1), 2, 3])
            let coords = try file.create("coords", .int64, shape: [3, 2])
            try coords.write([Int64(0), 0, Int64(step), 0, Int64(2 * step), 0])
            for (name, value) in attributes { try coords.object.set(name, value) }
            for (name, value) in root { try file.root.set(name, value) }
        }
        return try FeatureFile(contentsOf: url)
    }

    @Test func ourFilesSayEverything() throws {
        let grid = try sampleGrid(count: 2)
        let writer = try FeatureWriter(
            to: url,
            grid: grid,
            width: 1,
            encoder: "uni",
            attributes: [
                "wsi_encoder_digest": "aa", "wsi_encoder_licence": "MIT", "wsi_encoder_preprocessing": "none",
            ]
        )
        try writer.append([1, 2])
        _ = try writer.finish()
        var wanted = PatchFacts(
            mpp: 0.499,
            side: 256,
            encoder: PatchFacts.Encoder(name: "uni", digest: "aa", preprocessing: "none", licence: "MIT"),
            onSlide: PatchFacts.OnSlide(size: grid.slideSize, side: 512, sideOrigin: .stated, step: 512)
        )
        wanted.onSlide.name = grid.slide.text
        #expect(try FeatureFile.shape(of: url).facts == wanted)
        #expect(try FeatureFile(contentsOf: url).facts == wanted)
    }

    @Test func howPixelsWereReadIsSaidWhereItIsUnusual() throws {
        #expect(ReadingFacts.attributes(of: ReadingRules()).isEmpty)
        let rules = ReadingRules(colour: .icc, jpegColour: .rgb, acceptsGrey: true, scene: 3)
        let attributes = ReadingFacts.attributes(of: rules)
        #expect(
            attributes == [
                "wsi_colour": "icc", "wsi_jpeg_colour": "rgb", "wsi_accept_grey": "true", "wsi_scene": "3",
            ]
        )
        let writer = try FeatureWriter(
            to: url,
            grid: sampleGrid(count: 1),
            width: 1,
            encoder: "uni",
            attributes: attributes
        )
        try writer.append([1])
        _ = try writer.finish()
        #expect(try FeatureFile.shape(of: url).facts.colour == .icc)
        #expect(try make(step: 384, []).facts.colour == nil)
    }

    @Test func tridentsAttributesCount() throws {
        let facts = try make(
            step: 384,
            [
                ("patch_size", .integer(256)), ("patch_size_level0", .number(512)),
                ("target_magnification", .number(20)), ("overlap", .integer(64)), ("level0_width", .integer(4000)),
                ("level0_height", .integer(3000)),
            ]
        ).facts
        #expect(facts.mpp == 0.5 && facts.side == 256)
        #expect(
            facts.onSlide
                == PatchFacts.OnSlide(
                    size: PixelSize(width: 4000, height: 3000),
                    side: 512,
                    sideOrigin: .stated,
                    step: 384
                )
        )
    }

    @Test func clamsSideIsThatOfItsLevelTimesItsOwnDownsample() throws {
        let custom: [(String, HDF5Value)] = [
            ("patch_size", .integer(256)), ("patch_level", .integer(0)), ("custom_downsample", .integer(2)),
        ]
        let file = try make(custom)
        #expect(file.sideLevel0 == 512 && file.facts.onSlide.sideOrigin == .stated && file.facts.onSlide.step == nil)
        #expect(try make(custom + [("downsample", .numbers([4, 4]))]).sideLevel0 == 2048)
        // The downsample of level 1 is not known, so that the distance of patches tells more.
        let level = try make([("patch_size", .integer(256)), ("patch_level", .integer(1))])
        #expect(level.facts.onSlide.sideOrigin == .inferred)
    }

    @Test func aSideThatNoAttributeSaysIsTheDistanceOfPatches() throws {
        let file = try make(step: 300, [])
        #expect(file.sideLevel0 == 300 && file.facts.onSlide.sideOrigin == .inferred)
        #expect(try FeatureShelf().places(in: url, of: nil).facts == file.facts)
        #expect(try FeatureShelf().places(in: url, of: nil).features.isEmpty)
    }

    @Test(arguments: [HDF5Value.number(.nan), .number(-5), .number(1e300), .integer(0)])
    func numbersThatNoSideCanBeAreNotSaid(_ value: HDF5Value) throws {
        let facts = try make([("patch_size", value), ("patch_size_level0", value), ("level0_width", value)]).facts
        #expect(facts.side == nil && facts.onSlide.size == nil && facts.onSlide.sideOrigin == .inferred)
    }

    @Test func stampSaysMicrons() throws {
        let facts = try make([], root: [("unit", .text("um")), ("tile_size_um", .number(256))]).facts
        #expect(facts.extent == 256 && facts.mpp == nil && facts.side == nil)
        let whole = try make(
            [],
            root: [("unit", .text("um")), ("tile_size_um", .number(256)), ("tile_size_px", .integer(224))]
        ).facts
        #expect(whole.side == 224 && whole.mpp == 256.0 / 224)
    }

    @Test func aPredictionKeepsWhatItsFeaturesSaidAndWhatWasGoneOnWith() throws {
        var file = PredictionFile(
            prediction: Prediction(
                slide: try SlideID("s"),
                answer: .class(ClassAnswer([0.5, 0.5], threshold: nil)),
                branchAttention: [[1]],
                attention: [1],
                corners: [PixelPoint(x: 3, y: 4)]
            ),
            classes: ["a", "b"],
            model: "m",
            folds: [0],
            grid: nil,
            sideLevel0: 300,
            attributes: [:]
        )
        try file.write(to: url)
        #expect(try PredictionFile(contentsOf: url).facts == nil && !file.isSideInferred)
        file.facts = PatchFacts(mpp: 0.499, onSlide: PatchFacts.OnSlide(side: 300, sideOrigin: .inferred))
        file.accepted = [Mismatch(member: .scale, first: "1 µm", second: "0.5 µm")]
        try file.write(to: url)
        let read = try PredictionFile(contentsOf: url)
        #expect(read == file && read.isSideInferred)
    }

    @Test(arguments: ["he-texture-v1", "HE-Texture-V1"])
    func anEncoderMayNotBearTheNameOfABuiltInOne(_ name: String) throws {
        let text =
            #"{"name": "\#(name)", "dim": 4, "input": 32, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "mpp": 0.5, "#
            + #""interpolation": "bilinear", "weights": "none", "sha256": "\#(String(repeating: "a", count: 64))", "#
            + #""licence": "l", "source": "s"}"#
        let json = scratch.file("encoder.json")
        try Data(text.utf8).write(to: json)
        let error = try #require(throws: ConfigError.self) { try EncoderManifest(contentsOf: json) }
        #expect(error.message.contains("built-in"))
        try Data(text.replacing(name, with: "\(name)-mine").utf8).write(to: json)
        #expect(try EncoderManifest(contentsOf: json).name == "\(name)-mine")
    }
}
