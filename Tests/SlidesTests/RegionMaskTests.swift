import Records
import Storage
import Testing

@testable import Config
@testable import Imaging
@testable import Slides

struct RegionMaskTests {
    /// Tissue in mask pixels 30..<70 × 20..<60.
    private let picture = overview { x, y in (30..<70).contains(x) && (20..<60).contains(y) ? pink : glass }

    /// A rectangle in mask pixels, as level-0 coordinates.
    private func box(_ x: Int, _ y: Int, _ width: Int, _ height: Int, holes: [PlanePolygon] = []) -> PlanePolygon {
        func point(_ x: Int, _ y: Int) -> PlanePoint { PlanePoint(x: Double(x * 16), y: Double(y * 16)) }
        return PlanePolygon(
            outer: [point(x, y), point(x + width, y), point(x + width, y + height), point(x, y + height)],
            holes: holes.map(\.outer)
        )
    }

    private func applied(
        _ regions: [PlanePolygon],
        without exclusions: [PlanePolygon] = [],
        _ mode: TilingConfig.RegionsMode = .restrict
    ) throws -> (mask: TissueMask, cut: BinaryImage) {
        let mask = TissueMask(picture)
        return try RegionMask(AnnotatedRegions(regions: regions, exclusions: exclusions), over: mask)
            .applied(to: mask, picture, mode)
    }

    @Test func regionsLimitTheTissue() throws {
        let result = try applied([box(20, 10, 30, 30), box(60, 50, 40, 40)])
        #expect(result.mask.facts.areaUM2 == Double(20 * 20 + 10 * 10) * 64)
        #expect(result.mask.isTissue(x: 30, y: 20) && result.mask.isTissue(x: 49, y: 39))
        #expect(!result.mask.isTissue(x: 50, y: 39) && !result.mask.isTissue(x: 29, y: 20))
        #expect(result.cut.count == 1600 - 500 && result.mask.facts.regions == 2)
    }

    @Test func exclusionsAndHolesAreCutOut() throws {
        let cut = try applied([], without: [box(0, 0, 50, 100)])
        #expect(cut.mask.facts.areaUM2 == Double(20 * 40) * 64)
        let both = try applied([box(0, 0, 120, 100, holes: [box(40, 30, 10, 10)])], without: [box(60, 0, 60, 100)])
        #expect(both.mask.facts.areaUM2 == Double(30 * 40 - 100) * 64)
    }

    @Test func regionsCanBeTakenInsteadOfTheTissue() throws {
        let result = try applied([box(0, 0, 40, 40)], without: [box(0, 0, 10, 10)], .replace)
        #expect(result.mask.facts.areaUM2 == Double(1600 - 100) * 64)
        #expect(result.mask.isTissue(x: 12, y: 3) && !result.mask.isTissue(x: 45, y: 45))
    }

    @Test func regionsWithoutTissueLeaveNothingAndSayWhy() throws {
        let result = try applied([box(100, 80, 10, 10)])
        #expect(result.mask.facts.emptyReason == "no tissue lies inside the regions")
        #expect(result.mask.facts.areaUM2 == 0)
    }

    @Test func regionsOfAnotherSlideAreRefused() {
        #expect(throws: SlideError.regions("no region lies on the slide")) { try applied([box(200, 10, 50, 50)]) }
        #expect(throws: SlideError.regions("no region lies on the slide")) { try applied([box(-80, -70, 50, 50)]) }
    }

    @Test func regionsOffTheSlideAreCounted() throws {
        let slide = PixelSize(width: 120 * 16, height: 100 * 16)
        func note(_ regions: [PlanePolygon], without exclusions: [PlanePolygon] = []) throws -> String? {
            try AnnotatedRegions(regions: regions, exclusions: exclusions).noteOfRegions(off: slide)
        }
        #expect(try note([box(20, 10, 30, 30), box(110, 90, 40, 40)]) == nil)
        let some = try note(
            [box(20, 10, 30, 30), box(120, 10, 50, 50), box(-50, 0, 50, 50)],
            without: [box(0, 100, 9, 9)]
        )
        #expect(some == "3 of 4 regions lie off the slide; look at the file and at --origin")
        #expect(throws: SlideError.regions("no region lies on the slide")) {
            try note([box(120, 10, 50, 50)], without: [box(0, -9, 9, 9)])
        }
        #expect(throws: SlideError.regions("no region lies on the slide")) {
            try note([], without: [box(0, 100, 9, 9)])
        }
    }

    @Test func pixelsBelongToTheRegionThatHasTheirMiddle() throws {
        // A triangle over the tissue: half of the square, the diagonal's pixels by their middles.
        let triangle = PlanePolygon(outer: [
            PlanePoint(x: 480, y: 320), PlanePoint(x: 1120, y: 320), PlanePoint(x: 480, y: 960),
        ])
        let mask = try applied([triangle]).mask
        let inside = (0..<12_000).count { mask.isTissue(x: $0 % 120, y: $0 / 120) }
        let expected = (0..<12_000).count { at in
            let (x, y) = (at % 120, at / 120)
            return x >= 30 && y >= 20 && triangle.contains(PlanePoint(x: Double(x) * 16 + 8, y: Double(y) * 16 + 8))
        }
        #expect(inside == expected && (780...820).contains(inside))
    }

    @Test func coordinatesFarOutsideDoNoHarm() throws {
        let far = PlanePolygon(outer: [
            PlanePoint(x: -1e12, y: -1e12), PlanePoint(x: 1e12, y: -1e12), PlanePoint(x: 1e12, y: 1e12),
            PlanePoint(x: -1e12, y: 1e12),
        ])
        #expect(try applied([far]).mask.facts.areaUM2 == 1600 * 64)
    }
}
