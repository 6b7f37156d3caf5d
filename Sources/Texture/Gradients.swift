/// Gradient modulus and structure-tensor coherence of a plane.
///
/// Differences are p(x+1) − p(x−1) along both axes, doubled one-sided differences at the frame; so they are optical
/// density per two pixels of the level. The modulus of (a, b), a the larger in size, is the integer
/// max(a, a − a/8 + b/2): within 3 % of √(a² + b²) in every direction.
struct Gradients {
    /// Side of the squares in which the structure tensor is averaged.
    static let tile = 4

    private let horizontal: Cells<Int16>
    private let vertical: Cells<Int16>
    private let xx: Cells<Int32>
    private let yy: Cells<Int32>
    private let xy: Cells<Int32>

    init(side: Int) {
        horizontal = Cells(side)
        vertical = Cells(side)
        xx = Cells(side)
        yy = Cells(side)
        xy = Cells(side)
    }

    /// Writes the gradient modulus of `plane` into `modulus` (same side) and returns its moments, without the cubes.
    func modulus(of plane: Plane, into modulus: Plane) -> Moments {
        var (sum, squares) = (0, 0)
        for y in 0..<plane.side {
            differentiate(plane, y)
            let (rowSum, rowSquares) = lengths(into: modulus.row(y), plane.side)
            sum &+= rowSum
            squares &+= rowSquares
        }
        return Moments(count: plane.area, sum: Int128(sum), squares: Int128(squares))
    }

    /// Coherence √((Jxx − Jyy)² + 4 Jxy²) / (Jxx + Jyy) of the structure tensor J of 4 × 4 pixels, averaged over the plane
    /// with the trace as weight: 0 where gradients point everywhere, 1 where they share one axis. 0 of a flat plane.
    func coherence(of plane: Plane) -> Double {
        // The anisotropy of a tile is kept in 1/256 as an integer, so that the order of tiles cannot matter.
        var (anisotropies, traces) = (0, 0)
        let tiles = plane.side / Self.tile
        for y in 0..<(tiles &* Self.tile) {
            if y % Self.tile == 0 {
                xx.clear()
                yy.clear()
                xy.clear()
            }
            differentiate(plane, y)
            accumulateTensor(plane.side)
            guard y % Self.tile == Self.tile - 1 else { continue }
            for tile in 0..<tiles {
                let (jxx, jyy, jxy) = (Self.sum(xx, tile), Self.sum(yy, tile), Self.sum(xy, tile))
                let difference = jxx &- jyy
                // At most (Jxx + Jyy)² < 2⁶³: the tensor is positive and its trace below 2³¹.⁵.
                let squared = difference &* difference &+ 4 &* jxy &* jxy
                anisotropies &+= Int(Double(squared).squareRoot() * 256)
                traces &+= jxx &+ jyy
            }
        }
        return traces == 0 ? 0 : Double(anisotropies) / 256 / Double(traces)
    }

    private func differentiate(_ plane: Plane, _ y: Int) {
        let last = plane.side &- 1
        let row = plane.row(y)
        let (above, below) = (plane.row(max(y &- 1, 0)), plane.row(min(y &+ 1, last)))
        let (gx, gy) = (horizontal.base, vertical.base)
        gx[0] = 2 &* (row[1] &- row[0])
        gx[last] = 2 &* (row[last] &- row[last &- 1])
        for x in 1..<last { gx[x] = row[x &+ 1] &- row[x &- 1] }
        let scale: Int16 = y == 0 || y == last ? 2 : 1
        for x in 0...last { gy[x] = scale &* (below[x] &- above[x]) }
    }

    private func lengths(into out: UnsafeMutablePointer<Int16>, _ side: Int) -> (sum: Int, squares: Int) {
        let (gx, gy) = (horizontal.base, vertical.base)
        var sum: Int32 = 0
        for x in 0..<side {
            let (a, b) = (max(gx[x], 0 &- gx[x]), max(gy[x], 0 &- gy[x]))
            let (larger, smaller) = (max(a, b), min(a, b))
            let length = max(larger, larger &- larger >> 3 &+ smaller >> 1)
            out[x] = length
            sum &+= Int32(length)
        }
        var squares: UInt64 = 0
        for x in 0..<side { squares &+= UInt64(UInt32(bitPattern: Int32(out[x]) &* Int32(out[x]))) }
        return (Int(sum), Int(squares))
    }

    private func accumulateTensor(_ side: Int) {
        let (gx, gy) = (horizontal.base, vertical.base)
        let (jxx, jyy, jxy) = (xx.base, yy.base, xy.base)
        for x in 0..<side {
            let (a, b) = (Int32(gx[x]), Int32(gy[x]))
            jxx[x] &+= a &* a
            jyy[x] &+= b &* b
            jxy[x] &+= a &* b
        }
    }

    private static func sum(_ columns: Cells<Int32>, _ tile: Int) -> Int {
        let c = columns.base + tile &* Self.tile
        return Int(c[0]) &+ Int(c[1]) &+ Int(c[2]) &+ Int(c[3])
    }
}
