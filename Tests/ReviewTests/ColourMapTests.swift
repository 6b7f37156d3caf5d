import Foundation
import Testing

@testable import Review

@Suite struct ColourMapTests {
    /// OKLab of an sRGB colour: the inverse of what the map is built with, from the published matrices.
    private func lab(_ colour: RGB) -> SIMD3<Double> {
        func linear(_ byte: UInt8) -> Double {
            let value = Double(byte) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        let (r, g, b) = (linear(colour.red), linear(colour.green), linear(colour.blue))
        let l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
        let m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
        let s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
        return SIMD3(
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
        )
    }

    private func distance(_ from: SIMD3<Double>, _ to: SIMD3<Double>) -> Double {
        let step = to - from
        return (step * step).sum().squareRoot()
    }

    @Test(arguments: ColourMap.Name.allCases) func lightnessRisesLinearly(name: ColourMap.Name) {
        let lightness = ColourMap(name).colours.map { lab($0).x }
        #expect(lightness.count == 256)
        let (first, last) = (lightness[0], lightness[255])
        #expect(last - first > 0.5)
        for (index, value) in lightness.enumerated() {
            #expect(abs(value - (first + (last - first) * Double(index) / 255)) < 0.004)
        }
        #expect(zip(lightness, lightness.dropFirst(3)).allSatisfy { $0 < $1 })
    }

    /// Over 16 steps the rounding to bytes is small against the distance.
    @Test(arguments: ColourMap.Name.allCases) func equalStepsAreEqualDistances(name: ColourMap.Name) {
        let colours = ColourMap(name).colours.map(lab)
        let steps = stride(from: 0, through: 239, by: 5).map { distance(colours[$0], colours[$0 + 16]) }
        let mean = steps.reduce(0, +) / Double(steps.count)
        #expect(steps.allSatisfy { abs($0 - mean) < 0.1 * mean })
    }

    /// Protan and deutan vision keeps lightness and blue against yellow; both ends must differ there.
    @Test func duneKeepsItsOrderInBlueAgainstYellow() {
        let blueness = ColourMap(.dune).colours.map { lab($0).z }
        #expect(zip(blueness, blueness.dropFirst(8)).allSatisfy { $0 < $1 })
    }

    @Test func positionsOutsideTakeTheEnds() {
        #expect(lagoon.colour(at: -3) == lagoon.colours[0])
        #expect(lagoon.colour(at: 1.01) == lagoon.colours[255])
        #expect(lagoon.colour(at: 0.5) == lagoon.colours[128])
    }
}
