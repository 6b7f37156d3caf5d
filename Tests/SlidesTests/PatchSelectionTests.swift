import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Imaging
@testable import Slides

/// A slide of 1024 × 1024 pixels of 0.5 µm, all tissue: blue ink on its upper left quarter, the right half out of focus.
struct PatchSelectionTests {
    private func tiling(_ regions: AnnotatedRegions? = nil, _ change: (inout TilingConfig) -> Void = { _ in }) throws
        -> SlideTiling
    {
        var config = TilingConfig()
        change(&config)
        var made = TestTIFF(width: 1024, height: 1024) { x, y in
            if x < 512, y < 512 { return [40, 70, 170] }
            if x >= 512 { return [UInt8(170 + 30 * sin(Double(x) / 60)), UInt8(90 + 30 * sin(Double(y) / 60)), 160] }
            // Squares of 4 µm without any order.
            let (column, row) = (UInt32(x / 8), UInt32(y / 8))
            let isNucleus = (column &* 2_654_435_761 ^ row &* 2_246_822_519) >> 13 % 3 == 0
            return isNucleus ? [110, 60, 130] : [225, 140, 185]
        }
        made.tile = 256
        made.resolution = (20_000, 20_000, .centimetre)
        return try made.use { path in
            try SlideTiling(of: Slide(path: path), id: SlideID("made"), config: config, regions: regions)
        }
    }

    @Test func everyPatchHasItsQualityInRowOrder() throws {
        let tiling = try tiling()
        try #require(tiling.grid.count == 16)
        let quality = tiling.quality
        #expect(quality.tissue == Array(repeating: 1, count: 16))
        #expect(quality.ink == [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(quality.dark == Array(repeating: 0, count: 16))
        for row in [8, 9, 12, 13] { #expect(quality.focus[row] > 0.25) }
        for row in [2, 3, 6, 7, 10, 11, 14, 15] { #expect(quality.focus[row] < FocusMeter.blurred) }
        let slide = tiling.slideQuality
        #expect(slide.ink == 0.25 && slide.focusMeasured == 16 && slide.excludedInk == 0 && slide.excludedFocus == 0)
        #expect(
            slide.flags == [
                "pen ink on 25 % of the tissue", "out of focus in 75 % of the patches measured",
                "little tissue, 0.26 mm²",
            ]
        )
    }

    @Test func patchesWithInkOrWithoutFocusAreLeftOutWhereThatIsAskedFor() throws {
        let clean = try tiling { $0.excludeInk = 0.1 }
        #expect(clean.grid.corners.prefix(4).map(\.x) == [512, 768, 512, 768] && clean.grid.count == 12)
        #expect(clean.quality.ink == Array(repeating: 0, count: 12) && clean.slideQuality.excludedInk == 4)
        let sharp = try tiling {
            ($0.excludeInk, $0.minFocus) = (0.1, 0.12)
        }
        #expect(
            sharp.grid.corners == [
                PixelPoint(x: 0, y: 512), PixelPoint(x: 256, y: 512), PixelPoint(x: 0, y: 768),
                PixelPoint(x: 256, y: 768),
            ]
        )
        #expect(sharp.slideQuality.excludedInk == 4 && sharp.slideQuality.excludedFocus == 8)
        #expect(sharp.quality.focus.count == 4 && sharp.quality.tissue.count == 4)
        let none = try tiling {
            ($0.excludeInk, $0.minFocus) = (0.1, 0.9)
        }
        #expect(none.grid.count == 0 && none.emptyReason == "all patches are left out: 4 for ink, 12 for focus")
    }

    @Test func theFindingsAreAnotherPictureForEachReason() throws {
        let plain = try tiling().findings
        let regions = AnnotatedRegions(regions: [
            PlanePolygon(outer: [
                PlanePoint(x: 0, y: 0), PlanePoint(x: 1024, y: 0), PlanePoint(x: 1024, y: 512),
                PlanePoint(x: 0, y: 512),
            ])
        ])
        let pictures = [
            plain, try tiling { $0.excludeInk = 0.1 }.findings, try tiling { $0.minFocus = 0.12 }.findings,
            try tiling(regions).findings,
        ]
        #expect(Set(pictures).count == 4)
        #expect(try tiling().findings == plain)
    }

    @Test func regionsLimitThePatches() throws {
        let right = AnnotatedRegions(
            regions: [],
            exclusions: [
                PlanePolygon(outer: [
                    PlanePoint(x: 0, y: 0), PlanePoint(x: 512, y: 0), PlanePoint(x: 512, y: 1024),
                    PlanePoint(x: 0, y: 1024),
                ])
            ]
        )
        let tiling = try tiling(right)
        #expect(tiling.grid.count == 8 && tiling.grid.corners.allSatisfy { $0.x >= 512 })
        #expect(!tiling.regionsOriginIsAssumed, "without bounds there is but one origin")
    }

    @Test func aDarkBackgroundHasNoInkColumn() throws {
        let tiling = try tiling { $0.mask.background = .dark }
        #expect(tiling.quality.ink == nil && tiling.quality.dark == nil && tiling.slideQuality.ink == nil)
        #expect(tiling.quality.columns.map(\.name) == ["wsi_tissue", "wsi_focus", "wsi_outside"])
        #expect(
            tiling.quality.columns.map(\.name) == QualityColumn.all.filter(\.isOnDarkBackground).map(\.name)
        )
        #expect(tiling.quality.focus.allSatisfy(\.isNaN) && tiling.slideQuality.focusMeasured == 0)
    }

    @Test func everyColumnOfTheTableIsMeasuredAndEveryKeyThatExcludesIsAKey() throws {
        #expect(try tiling().quality.columns.map(\.name) == QualityColumn.all.map(\.name))
        #expect(TilingConfig().exclusions.isEmpty)
        for key in QualityColumn.all.compactMap(\.excludedBy) {
            let config = try JSONDecoder().decode(TilingConfig.self, from: Data(#"{"\#(key)": 0.5}"#.utf8))
            #expect(config.exclusions == [key: 0.5])
        }
    }
}

@Suite(.enabled(if: SharedData.isThere, "\(SharedData.absence)"))
struct RealQualityTests {
    @Test(arguments: [
        ("CMU-1-Small-Region.svs", 0.499, 0.5, 0.356), ("cmu1_small_region_pyramid.tif", 0.499, 0.5, 0.292),
        ("TCGA-CR-7395-01A-01-TS1.svs", 0.5, 0.5, 0.32), ("camelyon16_tumor_001_level5.tif", 7.8, 8, nil),
    ])
    func realStainsAreNoInkAndRealSlidesAreSharp(_ name: String, _ slideMPP: Double, _ mpp: Double, _ focus: Double?)
        throws
    {
        var config = TilingConfig()
        (config.slideMPP, config.mpp, config.quality) = (slideMPP, mpp, .full)
        let tiling = try SlideTiling(
            of: Slide(path: SharedData.path("slides/\(name)")),
            id: SlideID("real"),
            config: config
        )
        // The lymph nodes lie at the dark edge of their glass.
        #expect(try #require(tiling.slideQuality.ink) <= (focus == nil ? 0.002 : 0))
        #expect(try #require(tiling.slideQuality.dark) < 0.05)
        #expect(tiling.slideQuality.focusMedian.map { ($0 * 1000).rounded() / 1000 } == focus)
        if focus != nil { #expect(tiling.quality.focus.allSatisfy { $0 > FocusMeter.blurred }) }
    }
}
