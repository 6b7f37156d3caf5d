import Foundation
import Testing

@testable import Texture

struct StainPlanesTests {
    @Test func theTableIsTheRoundedLogarithm() {
        #expect(OpticalDensity.table.count == 256)
        for (value, entry) in OpticalDensity.table.enumerated() {
            let exact = 1024 * log10(256 / Double(value + 1))
            #expect(abs(Double(entry) - exact) <= 0.5, "\(value)")
        }
    }

    @Test(arguments: [
        ([0.65, 0.70, 0.29], [0.6, 0, 0]),
        ([0.07, 0.99, 0.11], [0, 0.6, 0]),
    ])
    func aPureStainShowsInItsOwnPlaneAlone(vector: [Double], wanted: [Double]) {
        let length = sqrt(vector.reduce(0) { $0 + $1 * $1 })
        let colour = vector.map { UInt8((256 * pow(10, -0.6 * $0 / length)).rounded() - 1) }
        let named = Picture.uniform((colour[0], colour[1], colour[2])).named
        for (name, density) in zip(["h_mean", "e_mean", "residual_mean"], wanted) {
            #expect(abs(Double(named[name] ?? .nan) - density) < 0.01, "\(name)")
        }
    }

    @Test func theMeanDensityIsAThirdOfTheSum() {
        // The table has 128 → 305, 66 → 596, 255 → 0: 901 / 3.
        let named = Picture.uniform((128, 66, 255)).named
        #expect(named["od_mean"] == Float(300.0 / 1024))
        #expect(named["od_q50"] == Float(300.0 / 1024))
    }

    @Test func theSkewOfASmallSampleIsKnown() {
        let moments = Moments(count: 4, sum: 1, squares: 1, cubes: 1)
        #expect(moments.mean == 0.25)
        #expect(moments.variance == 0.1875)
        // 0, 0, 0, 1 has skewness 2 / √3.
        #expect(abs(moments.boundedSkew - (2 / 3.0.squareRoot()) / (1 + 2 / 3.0.squareRoot())) < 1e-15)
        #expect(Moments(count: 4, sum: 28, squares: 196, cubes: 1372).boundedSkew == 0)
    }

    @Test func quantilesAndAreasCountPixels() {
        // A quarter black, three quarters white.
        let named = Picture(side: 64) { x, y in x < 32 && y < 32 ? (0, 0, 0) : Picture.white }.named
        let black = Float(2466.0 / 1024)
        #expect(named["od_q05"] == 0)
        #expect(named["od_q75"] == 0)
        #expect(named["od_q95"] == black)
        #expect(named["od_mean"] == black / 4)
        #expect(named["area_blank"] == 0.75)
        #expect(named["area_very_dark"] == 0.25)
        #expect(named["area_h_068"] == 0.25)
        #expect(named["joint_h0_e0"] == Float(0.75.squareRoot()))
        #expect(named["correlation_he"] == -1)
    }

    @Test func theJointHistogramHoldsEveryPixel() {
        let named = Picture.tissue(side: 224).named
        let squares = named.filter { $0.key.hasPrefix("joint_") }.values.map { Double($0) * Double($0) }
        #expect(squares.count == 36)
        #expect(abs(squares.reduce(0, +) - 1) < 1e-6)
    }
}
