import Foundation
import Imaging
import Records
import Testing

@testable import Config
@testable import Files
@testable import Slides

struct GridPlannerTests {
    private func pyramid(_ width: Int, _ height: Int, _ downsamples: [Double], bounds: PixelRect? = nil) throws
        -> Pyramid
    {
        try Pyramid(
            levels: downsamples.map {
                .init(
                    size: PixelSize(width: Int(Double(width) / $0), height: Int(Double(height) / $0)),
                    downsample: $0
                )
            },
            bounds: bounds
        )
    }

    private func geometry(_ mpp: Double, _ downsamples: [Double], _ change: (inout TilingConfig) -> Void = { _ in })
        throws -> PatchGeometry
    {
        var config = TilingConfig()
        change(&config)
        return try GridPlanner.geometry(of: pyramid(40_000, 30_000, downsamples), mpp: mpp, config: config)
    }

    private func mask(_ size: PixelSize, _ isTissue: (Int, Int) -> Bool) -> TissueMask {
        let (width, height) = (size.width / 16, size.height / 16)
        let pixels = (0..<(width * height)).flatMap { at -> [UInt8] in
            isTissue(at % width, at / width) ? [220, 130, 180] : [244, 244, 244]
        }
        let overview = Overview(
            image: RGBImage(width: width, height: height, pixels: pixels),
            alpha: Array(repeating: 255, count: width * height),
            scale: 16
        )
        return TissueMask(overview, slideSize: size, mpp: 0.5, MaskConfig())
    }

    @Test func aLevelWithinTwoPercentIsTakenAsItIs() throws {
        let level0 = try geometry(0.499, [1, 4])
        #expect(level0.level == 0 && level0.sideLevel0 == 256 && level0.sideAtLevel == 256 && level0.mpp == 0.499)
        let level1 = try geometry(0.2528, [1, 2, 4]) { $0.overlap = 64 }
        #expect(level1.level == 1 && level1.sideLevel0 == 512 && level1.stepLevel0 == 384 && level1.sideAtLevel == 256)
        #expect(level1.mpp == 0.5056)
        #expect(level1.targetMagnification == 20 && level1.level0Magnification == 40)
    }

    @Test func otherScalesAreResampledFromTheLevelAtOrAboveTheTarget() throws {
        let geometry = try geometry(0.2, [1, 2, 4])
        #expect(geometry.level == 1)
        #expect(geometry.sideLevel0 == 640 && geometry.stepLevel0 == 640 && geometry.sideAtLevel == 320)
        #expect(geometry.mpp == 0.5)
        let uneven = try self.geometry(0.23, [1, 4]) { $0.overlap = 56 }
        #expect(uneven.level == 0 && uneven.sideLevel0 == 557 && uneven.stepLevel0 == 435 && uneven.sideAtLevel == 557)
    }

    @Test func enlargingBeyondFivePercentIsRefused() throws {
        let enlarged = try geometry(0.524, [1])
        #expect(enlarged.sideLevel0 == 244 && enlarged.sideAtLevel == 244)
        #expect(throws: SlideError.upsampling(slideMPP: 0.53, targetMPP: 0.5)) { try geometry(0.53, [1]) }
    }

    @Test func enlargingIsDoneWhereItIsAskedFor() throws {
        let doubled = try geometry(1, [1, 4]) { $0.allowUpsampling = true }
        #expect(doubled.level == 0 && doubled.sideLevel0 == 128 && doubled.sideAtLevel == 128 && doubled.mpp == 0.5)
        #expect(doubled.targetMagnification == 20 && doubled.level0Magnification == 10)
    }

    @Test func patchesStartAtTheBoundsAndCrossTheEdgeUnlessItIsDropped() throws {
        let pyramid = try pyramid(1600, 1120, [1], bounds: PixelRect(x: 100, y: 50, width: 1500, height: 1070))
        func corners(_ edge: TilingConfig.Edge) throws -> [PixelPoint] {
            var config = TilingConfig()
            config.edge = edge
            let geometry = try GridPlanner.geometry(of: pyramid, mpp: 0.5, config: config)
            let mask = mask(pyramid.size) { _, _ in true }
            return try GridPlanner.corners(in: pyramid, geometry, tissue: mask, config: config).corners
        }
        let whole = try corners(.drop)
        try #require(whole.count == 5 * 4)
        #expect(whole.first == PixelPoint(x: 100, y: 50))
        #expect(whole[1] == PixelPoint(x: 356, y: 50))
        #expect(whole.last == PixelPoint(x: 1124, y: 818))
        // A sixth column with 220 of 256 pixels on the slide; a fifth row would have 46, which is too little tissue.
        let padded = try corners(.pad)
        try #require(padded.count == 6 * 4)
        #expect(padded[5] == PixelPoint(x: 1380, y: 50) && padded.last == PixelPoint(x: 1380, y: 818))
        #expect(padded.filter { $0.x < 1380 } == whole)
    }

    @Test func aPatchNeedsItsFractionOfTissue() throws {
        let pyramid = try pyramid(2048, 1024, [1])
        // Tissue from x = 448: the second patch (256 to 512) has exactly a quarter.
        let mask = mask(pyramid.size) { x, _ in x >= 28 }
        func columns(_ minTissue: Double) throws -> [Int] {
            var config = TilingConfig()
            config.minTissue = minTissue
            let geometry = try GridPlanner.geometry(of: pyramid, mpp: 0.5, config: config)
            return try Set(
                GridPlanner.corners(in: pyramid, geometry, tissue: mask, config: config).corners.map { $0.x / 256 }
            )
            .sorted()
        }
        #expect(try columns(0.25) == [1, 2, 3, 4, 5, 6, 7])
        #expect(try columns(0.26) == [2, 3, 4, 5, 6, 7])
        #expect(try columns(0) == [1, 2, 3, 4, 5, 6, 7])
    }

    @Test func overlappingPatchesStepByLess() throws {
        let pyramid = try pyramid(1024, 512, [1])
        var config = TilingConfig()
        config.overlap = 128
        let geometry = try GridPlanner.geometry(of: pyramid, mpp: 0.5, config: config)
        let corners = try GridPlanner.corners(
            in: pyramid,
            geometry,
            tissue: mask(pyramid.size) { _, _ in true },
            config: config
        ).corners
        #expect(corners.prefix(8).map(\.x) == [0, 128, 256, 384, 512, 640, 768, 896])
        #expect(corners.count == 32)
    }

    @Test func tooManyPatchesAreRefusedBeforeTheyAreMade() throws {
        let pyramid = try pyramid(2048, 1024, [1])
        let mask = mask(pyramid.size) { _, _ in true }
        var config = TilingConfig()
        config.maxPatches = 31
        let geometry = try GridPlanner.geometry(of: pyramid, mpp: 0.5, config: config)
        #expect(throws: SlideError.tooManyPatches(limit: 31)) {
            try GridPlanner.corners(in: pyramid, geometry, tissue: mask, config: config)
        }
        config.maxPatches = 32
        #expect(try GridPlanner.corners(in: pyramid, geometry, tissue: mask, config: config).corners.count == 32)
        var hostile = geometry
        hostile.stepLevel0 = 1
        let huge = try self.pyramid(1_000_000, 1_000_000, [1])
        #expect(throws: SlideError.tooManyPatches(limit: 32)) {
            try GridPlanner.corners(in: huge, hostile, tissue: mask, config: config)
        }
    }
}

struct TilingConfigTests {
    private func config(_ json: String) throws -> TilingConfig {
        let config = try JSONDecoder().decode(TilingConfig.self, from: Data(json.utf8))
        try config.validate()
        return config
    }

    @Test func defaultsAreTheDocumentedOnes() throws {
        let config = try config("{}")
        #expect(config == TilingConfig())
        #expect(config.mpp == 0.5 && config.patchSize == 256 && config.overlap == 0 && config.minTissue == 0.25)
        #expect(config.edge == .pad)
        #expect(
            config.slideMPP == nil && !config.mppFromTIFF && !config.allowUpsampling && config.maxPatches == 500_000
                && config.mask.maskMPP == 8 && config.mask.background == .bright
        )
        #expect(
            config.excludeInk == nil && config.minFocus == nil && config.quality == .sample && config.regions == nil
                && config.regionsOrigin == nil && config.regionsMode == .restrict
        )
    }

    @Test func aConfigSurvivesItsOwnJSON() throws {
        let config = try config(#"{"patch_size": 224, "slide_mpp": 0.25, "mask": {"close_um": 10, "min_hole_um2": 5}}"#)
        #expect(
            config.patchSize == 224 && config.slideMPP == 0.25 && config.mask.closeUM == 10
                && config.mask.minHoleUM2 == 5
        )
        #expect(try JSONDecoder().decode(TilingConfig.self, from: JSONEncoder().encode(config)) == config)
    }

    @Test(arguments: [
        (#"{"patchsize": 224}"#, "patchsize"), (#"{"mask": {"blur": 1}}"#, "mask.blur"),
        (#"{"mpp": 0.01}"#, "tiling.mpp"),
        (#"{"overlap": 256}"#, "tiling.overlap"), (#"{"min_tissue": 1.5}"#, "tiling.min_tissue"),
        (#"{"edge": "wrap"}"#, "edge"), (#"{"exclude_ink": 2}"#, "tiling.exclude_ink"),
        (#"{"min_focus": -1}"#, "tiling.min_focus"),
        (#"{"exclude_ink": 0.1, "mask": {"background": "dark"}}"#, "tiling.exclude_ink"),
        (#"{"mask": {"background": "grey"}}"#, "mask.background"), (#"{"regions_origin": "top"}"#, "regions_origin"),
        (#"{"mask": {"mask_mpp": 0}}"#, "tiling.mask.mask_mpp"), (#"{"slide_mpp": "x"}"#, "slide_mpp"),
    ])
    func aWrongKeyOrValueIsNamed(json: String, path: String) {
        do {
            _ = try config(json)
            Issue.record("\(json) was taken")
        } catch { #expect((error as? ConfigError)?.subject == path) }
    }
}
