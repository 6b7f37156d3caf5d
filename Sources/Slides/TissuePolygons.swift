import Imaging
public import Records

/// The outline of one tissue region in level-0 pixels. Rings are simple, without a repeated end point; the outer one has
/// positive area by the shoelace formula, holes negative.
public struct TissuePolygon: Equatable, Sendable {
    public var outer: [PixelPoint]
    public var holes: [[PixelPoint]]
}

extension TissueMask {
    /// The exact outlines of the mask's pixels by crack following, regions in row-major order of their first pixel.
    public func polygons() -> [TissuePolygon] {
        let regions = ConnectedRegions(of: 1, in: image)
        var polygons = regions.regions.map { _ in TissuePolygon(outer: [], holes: []) }
        // Every ring, a hole's too, has an edge with tissue below and none above; going right along it, tissue is on
        // the right hand.
        var seen = [Bool](repeating: false, count: image.bits.count)
        for run in regions.runs {
            let y = Int(run.row)
            for x in Int(run.start)..<Int(run.end) where image[x, y - 1] == 0 && !seen[y * image.width + x] {
                let ring = follow(x, y, &seen).map(level0)
                if Self.doubleArea(ring) > 0 {
                    polygons[Int(run.region)].outer = ring
                } else {
                    polygons[Int(run.region)].holes.append(ring)
                }
            }
        }
        return polygons
    }

    /// Walks around a ring from the upper edge of pixel (`x`, `y`) and returns its corners in mask pixels.
    ///
    /// The mask has no pixels that touch at a corner only, so the way on is never ambiguous.
    private func follow(_ x: Int, _ y: Int, _ seen: inout [Bool]) -> [PixelPoint] {
        let start = PixelPoint(x: x, y: y)
        var corners: [PixelPoint] = []
        var (at, dx, dy) = (start, 1, 0)
        repeat {
            if dx == 1 { seen[at.y * image.width + at.x] = true }
            at.x += dx
            at.y += dy
            // The two pixels ahead, on the left and on the right hand of the direction of travel.
            let left = image[at.x + (dx + dy - 1) / 2, at.y + (dy - dx - 1) / 2]
            let right = image[at.x + (dx - dy - 1) / 2, at.y + (dx + dy - 1) / 2]
            if left == 1 {
                corners.append(at)
                (dx, dy) = (dy, -dx)
            } else if right == 0 {
                corners.append(at)
                (dx, dy) = (-dy, dx)
            }
        } while at != start || dx != 1
        return corners
    }

    private func level0(_ corner: PixelPoint) -> PixelPoint {
        PixelPoint(
            x: min(Int((Double(corner.x) * scale).rounded()), slideSize.width),
            y: min(Int((Double(corner.y) * scale).rounded()), slideSize.height)
        )
    }

    static func doubleArea(_ ring: [PixelPoint]) -> Int {
        guard var before = ring.last else { return 0 }
        var area = 0
        for point in ring {
            area += before.x * point.y - point.x * before.y
            before = point
        }
        return area
    }
}
