import Foundation
import Imaging
import Testing

@testable import Heatmaps

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

    @Test func everyMapIsItsOwnAndIsInTheDocument() throws {
        #expect(ColourMap.all.map { $0.name } == ColourMap.Name.allCases)
        #expect(Set(ColourMap.all.map { $0.map.colours }).count == ColourMap.Name.allCases.count)
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let document = try String(contentsOf: root.appending(path: "docs/colours.md"), encoding: .utf8)
        for name in ColourMap.Name.allCases {
            #expect(document.contains("\n| \(name.title) | \(name.meaning) |\n"), "\(name)")
        }
    }

    /// CIELAB of an sRGB colour under D65 (IEC 61966-2-1, CIE 15): a measure that the maps were not built with.
    private func cielab(_ colour: RGB) -> SIMD3<Double> {
        func linear(_ byte: UInt8) -> Double {
            let value = Double(byte) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        func root(_ t: Double) -> Double { t > 216.0 / 24_389 ? cbrt(t) : (24_389.0 / 27 * t + 16) / 116 }
        let (r, g, b) = (linear(colour.red), linear(colour.green), linear(colour.blue))
        let x = root((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047)
        let y = root(0.2126729 * r + 0.7151522 * g + 0.0721750 * b)
        let z = root((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883)
        return SIMD3(116 * y - 16, 500 * (x - y), 200 * (y - z))
    }

    /// What a protanope or deuteranope sees (Machado, Oliveira and Fernandes 2009, severity 1, in linear RGB).
    private func seen(_ colour: RGB, _ matrix: [SIMD3<Double>]) -> RGB {
        func linear(_ byte: UInt8) -> Double {
            let value = Double(byte) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        let rgb = SIMD3(linear(colour.red), linear(colour.green), linear(colour.blue))
        let bytes = matrix.map { row -> UInt8 in
            let value = min(max((row * rgb).sum(), 0), 1)
            let encoded = value <= 0.0031308 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055
            return UInt8((encoded * 255).rounded())
        }
        return RGB(bytes[0], bytes[1], bytes[2])
    }

    private static let blindness: [[SIMD3<Double>]] = [
        [
            SIMD3(0.152286, 1.052583, -0.204868), SIMD3(0.114503, 0.786281, 0.099216),
            SIMD3(-0.003882, -0.048116, 1.051998),
        ],
        [
            SIMD3(0.367322, 0.860646, -0.227968), SIMD3(0.280085, 0.672501, 0.047413),
            SIMD3(-0.011820, 0.042940, 0.968881),
        ],
    ]

    @Test(arguments: ColourMap.Name.allCases) func cielabAgreesThatLightnessRisesAlmostLinearly(name: ColourMap.Name) {
        let lightness = ColourMap(name).colours.map { cielab($0).x }
        let (first, last) = (lightness[0], lightness[255])
        #expect(last - first > 45)
        for (index, value) in lightness.enumerated() {
            #expect(abs(value - (first + (last - first) * Double(index) / 255)) < 3)
        }
    }

    /// Eight colours of the bar, as many as a reader tells apart on it, stay distinct for red-green blind readers.
    @Test(arguments: ColourMap.Name.allCases) func redGreenBlindReadersTellTheStepsApart(name: ColourMap.Name) {
        for matrix in Self.blindness {
            let steps = stride(from: 0, through: 255, by: 36).map { cielab(seen(ColourMap(name).colours[$0], matrix)) }
            for (from, to) in zip(steps, steps.dropFirst()) { #expect(distance(from, to) > 8) }
        }
    }
}
