import Foundation
import Testing

@testable import Heatmaps

@Suite struct MapBlurTests {
    /// The Gaussian of every pixel, by its definition, to three standard deviations.
    private func gaussian(_ plane: [Float], width: Int, height: Int, _ sigma: (x: Double, y: Double)) -> [Double] {
        func weights(_ sigma: Double) -> (Int) -> Double {
            { Double(abs($0)) <= (3 * sigma).rounded(.up) ? exp(-Double($0 * $0) / (2 * sigma * sigma)) : 0 }
        }
        let (across, down) = (weights(sigma.x), weights(sigma.y))
        var lines = [Double](repeating: 0, count: plane.count)
        for y in 0..<height {
            for x in 0..<width {
                for other in 0..<width { lines[y * width + x] += Double(plane[y * width + other]) * across(other - x) }
            }
        }
        var result = lines
        for y in 0..<height {
            for x in 0..<width {
                result[y * width + x] = (0..<height).reduce(0) { $0 + lines[$1 * width + x] * down($1 - y) }
            }
        }
        return result
    }

    /// Squares of 7 pixels with values of 0 to 1 and a hole, as a map has them.
    @Test(arguments: [(0.8, 0.8), (4.0, 5.0), (5.9, 5.9), (6.0, 6.1), (9.0, 8.0), (17.0, 17.0), (31.0, 30.0)])
    func aMeanIsThatOfTheGaussianOfThePixels(_ sigma: (x: Double, y: Double)) {
        let (width, height) = (131, 97)
        var (coverage, weighted) = ([Float](), [Float]())
        for y in 0..<height {
            for x in 0..<width {
                let patch = (x / 7, y / 7)
                let isThere = (patch.0 - 9) * (patch.0 - 9) + (patch.1 - 7) * (patch.1 - 7) < 40 && patch != (8, 6)
                coverage.append(isThere ? 1 : 0)
                weighted.append(isThere ? Float(patch.0 * 31 % 8 * 5 + patch.1 * 17 % 8 * 3) / 56 : 0)
            }
        }
        let blur = MapBlur(sigma)
        let areas = blur(coverage, width: width, height: height)
        let sums = blur(weighted, width: width, height: height)
        let wantedAreas = gaussian(coverage, width: width, height: height, sigma)
        let wantedSums = gaussian(weighted, width: width, height: height, sigma)
        let furthest = coverage.indices.filter { coverage[$0] > 0 }.map { pixel in
            abs(Double(sums[pixel] / areas[pixel]) - wantedSums[pixel] / wantedAreas[pixel])
        }.max()
        #expect((furthest ?? 1) < 0.002, "\(sigma): \(furthest ?? 1)")
    }

    @Test func narrowBlursHaveNoCells() {
        #expect(MapBlur((5.9, 40)).cell == 1 && MapBlur((6, 6)).cell == 2 && MapBlur((60, 60)).cell == 20)
        #expect(MapBlur((1, 1)).margin == 3)
    }
}
