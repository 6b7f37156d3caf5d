import Records
import Storage
import Testing

@testable import Imaging
@testable import Heatmaps

@Suite struct PatchOutlineTests {
    private func regions(_ cells: [(Int, Int)], side: Int = 10) -> [(polygon: PlanePolygon, members: [Int])] {
        PatchOutline.regions(of: cells.map { PixelPoint(x: $0.0 * 10, y: $0.1 * 10) }, side: side)
    }

    private func points(_ pairs: [(Double, Double)]) -> Set<PlanePoint> {
        Set(pairs.map { PlanePoint(x: $0.0, y: $0.1) })
    }

    @Test func neighboursAreOneRegionAndDiagonalOnesAreTwo() {
        let joined = regions([(0, 0), (1, 0)])
        #expect(joined.count == 1 && joined[0].members == [0, 1])
        #expect(Set(joined[0].polygon.outer) == points([(0, 0), (20, 0), (20, 10), (0, 10)]))
        #expect(regions([(0, 0), (1, 1)]).map(\.members) == [[0], [1]])
    }

    @Test func aRingOfPatchesHasAHole() {
        let ring = regions([(0, 0), (1, 0), (2, 0), (0, 1), (2, 1), (0, 2), (1, 2), (2, 2)])
        #expect(ring.count == 1)
        #expect(ring[0].polygon.holes.map { Set($0) } == [points([(10, 10), (20, 10), (20, 20), (10, 20)])])
        #expect(ring[0].polygon.area == 800)
    }

    /// The patches (1, 2) and (2, 1) meet at the corner of a hole only: the hole touches the outer ring there, and neither
    /// ring comes through the point twice.
    @Test func whereTheEndsOfARegionMeetAtACornerNoRingTouchesItself() {
        let open = regions([(0, 0), (1, 0), (2, 0), (0, 1), (2, 1), (0, 2), (1, 2)])
        #expect(open.count == 1)
        let polygon = open[0].polygon
        #expect(polygon.area == 700)
        #expect(polygon.holes.count == 1)
        for ring in [polygon.outer] + polygon.holes { #expect(Set(ring).count == ring.count) }
    }

    @Test func overlappingPatchesCoverTheirUnion() {
        let region = regions([(0, 0), (1, 1)], side: 15)
        #expect(region.count == 1)
        #expect(region[0].polygon.area == 2 * 225 - 25)
        #expect(
            Set(region[0].polygon.outer)
                == points([(0, 0), (15, 0), (15, 10), (25, 10), (25, 25), (10, 25), (10, 15), (0, 15)])
        )
    }

    @Test func noPatchIsNoRegion() { #expect(regions([]).isEmpty) }
}
