import Foundation
import Imaging
import Records
import Testing

@testable import Config
@testable import Slides

private func mask(
    width: Int = 120,
    height: Int = 100,
    config: MaskConfig = MaskConfig(),
    alpha: (Int, Int) -> UInt8 = { _, _ in 255 },
    _ colour: (Int, Int) -> RGB
) -> TissueMask {
    TissueMask(overview(width: width, height: height, alpha: alpha, colour), config: config)
}

struct TissueMaskTests {
    private func inside(_ x: Int, _ y: Int, _ left: Int, _ top: Int, _ side: Int) -> Bool {
        (left..<(left + side)).contains(x) && (top..<(top + side)).contains(y)
    }

    @Test func tissueOnGlassIsFoundExactly() {
        let mask = mask { x, y in inside(x, y, 30, 20, 40) ? (x + y) % 3 == 0 ? purple : pink : glass }
        #expect(mask.facts.areaUM2 == 1600 * 64)
        #expect(mask.facts.regions == 1)
        #expect(mask.facts.emptyReason == nil)
        #expect(mask.isTissue(x: 30, y: 20) && !mask.isTissue(x: 29, y: 20) && !mask.isTissue(x: 70, y: 20))
        let count = (0..<1600).count { ($0 % 40 + 30 + $0 / 40 + 20) % 3 == 0 }
        #expect(mask.facts.meanRGB?[0] == Double(count * 110 + (1600 - count) * 225) / 1600)
    }

    @Test func blankSlidesAreEmptyWhateverTheirTint() {
        var random = CounterRandom(seed: 1, "glass")
        func noisy(_ base: RGB) -> RGB {
            func near(_ value: UInt8) -> UInt8 { UInt8(clamping: Int(value) + random.index(below: 7) - 3) }
            return RGB(near(base.red), near(base.green), near(base.blue))
        }
        for base in [
            glass, RGB(255, 255, 255), RGB(235, 230, 200), RGB(200, 205, 225), RGB(128, 128, 128),
        ] {
            let mask = mask { _, _ in noisy(base) }
            #expect(mask.facts.areaUM2 == 0)
            #expect(mask.facts.meanRGB == nil)
            #expect(mask.facts.emptyReason != nil)
            #expect(mask.polygons().isEmpty)
        }
    }

    @Test func aTraceOfTissueOnALargeSlideIsFound() {
        // 625 of a million pixels: too few for Otsu alone.
        let mask = mask(width: 1000, height: 1000) { x, y in
            inside(x, y, 500, 500, 25) ? pink : RGB(240, UInt8(238 + (x ^ y) % 5), 240)
        }
        #expect(mask.facts.areaUM2 == 625 * 64)
    }

    @Test func aSlideFullOfTissueKeepsItsPaleParts() {
        let mask = mask { x, _ in x < 60 ? RGB(225, 160, 190) : purple }
        #expect(mask.facts.areaUM2 == 12_000 * 64)
    }

    @Test func blackBordersAndUnscannedPartsAreNoTissue() {
        let mask = mask(alpha: { x, _ in x >= 100 ? 0 : 255 }) { x, y in
            if y < 15 { return RGB(6, UInt8(x % 5), 3) }
            if x >= 100 { return purple }
            return inside(x, y, 30, 40, 30) ? pink : glass
        }
        #expect(mask.facts.areaUM2 == 900 * 64)
    }

    @Test func theDarkEdgeOfACoverSlipIsNoTissue() {
        let mask = mask { x, y in
            if (60..<64).contains(x) || y == 90 { return RGB(96, 92, 94) }
            return inside(x, y, 10, 20, 30) ? pink : glass
        }
        #expect(mask.facts.areaUM2 == 900 * 64)
    }

    @Test func onADarkBackgroundTissueIsWhatShines() {
        var config = MaskConfig()
        config.background = .dark
        let mask = mask(config: config) { x, y in
            inside(x, y, 30, 20, 40) ? RGB(20, UInt8(90 + (x ^ y) % 60), 40) : RGB(3, 5, 8)
        }
        #expect(mask.facts.areaUM2 == 1600 * 64)
        #expect(mask.facts.emptyReason == nil)
    }

    @Test func smallRegionsGoSmallHolesFillAndGapsClose() {
        var config = MaskConfig()
        config.closeUM = 0
        let picture: (Int, Int) -> RGB = { x, y in
            if self.inside(x, y, 40, 30, 10) || self.inside(x, y, 60, 40, 30) { return glass }
            if x == 20 { return glass }
            return self.inside(x, y, 10, 10, 85) || self.inside(x, y, 110, 5, 5) ? pink : glass
        }
        // Region 85² less a column, a hole of 100 (filled: 6,400 µm²) and one of 900 (kept: 57,600 µm²); a speck of 25.
        let open = mask(config: config, picture)
        #expect(open.facts.areaUM2 == Double(85 * 85 - 85 - 900) * 64)
        #expect(open.facts.regions == 2)
        config.closeUM = 32
        let closed = mask(config: config, picture)
        #expect(closed.facts.areaUM2 == Double(85 * 85 - 900) * 64)
        #expect(closed.facts.regions == 1)
    }

    @Test func otsuSplitsTwoClassesInTheMiddleOfTheirGap() throws {
        var histogram = [Int](repeating: 0, count: 256)
        histogram[10] = 500
        histogram[12] = 300
        histogram[90] = 100
        histogram[101] = 120
        let split = try #require(SaturationThreshold.otsu(histogram))
        #expect(split.threshold == 50)
        #expect(split.lowerMean == 10.75)
        #expect(split.upperMean == 96)
        #expect(SaturationThreshold.otsu([Int](repeating: 0, count: 256)) == nil)
        #expect(SaturationThreshold(histogram: histogram).value == 36)
    }

    @Test func coverageCountsPartsOfMaskPixels() {
        let mask = mask { x, y in inside(x, y, 30, 20, 40) ? pink : glass }
        let coverage = Coverage(mask)
        func fraction(_ x: Int, _ y: Int, _ side: Int) -> Double {
            coverage.fraction(of: PixelRect(x: x, y: y, width: side, height: side))
        }
        #expect(fraction(480, 320, 256) == 1)
        #expect(fraction(0, 0, 256) == 0)
        #expect(fraction(480 - 8, 320, 16) == 0.5)
        #expect(fraction(480 - 4, 320 - 4, 8) == 0.25)
        #expect(fraction(0, 0, 1600) == 0.16)
    }
}

struct TissuePolygonTests {
    @Test func outlinesAndHolesAreExact() {
        let mask = mask { x, y in
            let hole = (50..<80).contains(x) && (40..<70).contains(y)
            return (30..<100).contains(x) && (20..<90).contains(y) && !hole ? pink : glass
        }
        #expect(
            mask.polygons() == [
                TissuePolygon(
                    outer: [
                        PixelPoint(x: 1600, y: 320), PixelPoint(x: 1600, y: 1440), PixelPoint(x: 480, y: 1440),
                        PixelPoint(x: 480, y: 320),
                    ],
                    holes: [
                        [
                            PixelPoint(x: 800, y: 1120), PixelPoint(x: 1280, y: 1120), PixelPoint(x: 1280, y: 640),
                            PixelPoint(x: 800, y: 640),
                        ].rotatedToStart(PixelPoint(x: 1280, y: 1120))
                    ]
                )
            ]
        )
    }

    @Test func outlinesEncloseThePixelsOfAnyMask() throws {
        var random = CounterRandom(seed: 9, "mask")
        var config = MaskConfig()
        (config.closeUM, config.minAreaUM2, config.minHoleUM2) = (0, 0, 0)
        let noise = (0..<4800).map { _ in random.uniform() < 0.55 }
        let mask = mask(width: 80, height: 60, config: config) { x, y in noise[y * 80 + x] ? pink : glass }
        let polygons = mask.polygons()
        #expect(polygons.count == mask.facts.regions)
        let rings = polygons.flatMap { [$0.outer] + $0.holes }
        let area = rings.map { TissueMask.doubleArea($0) }.reduce(0, +) / 2
        #expect(Double(area) * 0.25 == mask.facts.areaUM2)
        for ring in rings {
            #expect(ring.count >= 4 && Set(ring).count == ring.count)
            for index in ring.indices {
                let (a, b) = (ring[index], ring[(index + 1) % ring.count])
                let c = ring[(index + 2) % ring.count]
                #expect((a.x == b.x) != (a.y == b.y))
                #expect((a.x == b.x) != (b.x == c.x))
            }
        }
    }

    @Test func theFeatureCollectionIsThereEvenWithoutTissue() throws {
        let empty = String(decoding: try TissueGeoJSON.data([]), as: UTF8.self)
        #expect(empty.contains(#""features":[]"#) && empty.contains(#""wsi_origin":"slide""#))
        let square = TissuePolygon(
            outer: [PixelPoint(x: 0, y: 0), PixelPoint(x: 9, y: 0), PixelPoint(x: 9, y: 9), PixelPoint(x: 0, y: 9)],
            holes: [[PixelPoint(x: 2, y: 2), PixelPoint(x: 2, y: 4), PixelPoint(x: 4, y: 4)]]
        )
        let text = String(decoding: try TissueGeoJSON.data([square]), as: UTF8.self)
        #expect(
            text.contains(
                #"{"geometry":{"coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[2,2],[2,4],[4,4],[2,2]]],"type":"Polygon"},"#
                    + #""properties":{"tissue_id":0},"type":"Feature"}"#
            )
        )
    }
}

extension [PixelPoint] {
    fileprivate func rotatedToStart(_ point: PixelPoint) -> [PixelPoint] {
        guard let at = firstIndex(of: point) else { return self }
        return Array(self[at...] + self[..<at])
    }
}
