import Imaging
import Records
import Storage

/// The lesions of a slide as CAMELYON16's evaluation counts them (Ehteshami Bejnordi et al., JAMA 318, 2017): regions less
/// than 75 µm apart are one, holes belong to them, and what is shorter than 275 µm is isolated tumour cells, which are
/// neither to be found nor false to point at.
struct Lesions {
    /// Whether a lesion is isolated tumour cells.
    let isIsolated: [Bool]
    private let raster: RegionRaster
    private let regions: ConnectedRegions

    private static let joinedUM = 75.0
    private static let shortestUM = 275.0

    /// - Parameter mpp: µm per level-0 pixel.
    init(_ raster: RegionRaster, mpp: Double) {
        self.raster = raster
        let cellUM = raster.cell * mpp
        var image = raster.image.grown(by: Self.joinedUM / 2 / cellUM)
        let gaps = ConnectedRegions(of: 0, in: image)
        gaps.paint(1, into: &image) { !gaps.regions[$0].touchesBorder }
        regions = ConnectedRegions(of: 1, in: image, diagonals: true)
        isIsolated = regions.majorAxes.map { $0 * cellUM < Self.shortestUM }
    }

    /// The lesion at a point.
    func lesion(at point: PlanePoint) -> Int? {
        raster.cell(at: point).flatMap { regions.region(x: $0.x, y: $0.y) }
    }
}

extension BinaryImage {
    /// Every pixel whose distance to a set one is less than `radius` pixels.
    fileprivate func grown(by radius: Double) -> BinaryImage {
        let reach = Int(radius.rounded(.up))
        guard reach > 0 else { return self }
        let far = Int32(reach + 1)
        // Distance to the next set pixel of the row, as far as it matters.
        var across = [Int32](repeating: far, count: bits.count)
        var isEmpty = [Bool](repeating: true, count: height)
        for row in 0..<height {
            let line = row * width
            var distance = far
            for x in 0..<width {
                distance = bits[line + x] == 1 ? 0 : min(distance + 1, far)
                across[line + x] = distance
                if distance == 0 { isEmpty[row] = false }
            }
            distance = far
            for x in (0..<width).reversed() {
                distance = bits[line + x] == 1 ? 0 : min(distance + 1, far)
                across[line + x] = min(across[line + x], distance)
            }
        }
        var grown = self
        for row in 0..<height {
            for other in max(0, row - reach)...min(height - 1, row + reach) where !isEmpty[other] {
                let down = Double((other - row) * (other - row))
                for x in 0..<width {
                    let distance = Double(across[other * width + x])
                    if distance * distance + down < radius * radius { grown.bits[row * width + x] = 1 }
                }
            }
        }
        return grown
    }
}

extension ConnectedRegions {
    /// Of each region, the major axis in pixels of the ellipse with the same second moments.
    fileprivate var majorAxes: [Double] {
        var sums = [(n: Double, x: Double, y: Double, xx: Double, yy: Double, xy: Double)](
            repeating: (0, 0, 0, 0, 0, 0),
            count: regions.count
        )
        for run in runs {
            let (region, y) = (Int(run.region), Double(run.row))
            for column in run.start..<run.end {
                let x = Double(column)
                sums[region].n += 1
                sums[region].x += x
                sums[region].y += y
                sums[region].xx += x * x
                sums[region].yy += y * y
                sums[region].xy += x * y
            }
        }
        return sums.map { sum in
            let (x, y) = (sum.x / sum.n, sum.y / sum.n)
            let (across, down, both) = (sum.xx / sum.n - x * x, sum.yy / sum.n - y * y, sum.xy / sum.n - x * y)
            let spread = (4 * both * both + (across - down) * (across - down)).squareRoot()
            return 4 * max(0, (across + down + spread) / 2).squareRoot()
        }
    }
}
