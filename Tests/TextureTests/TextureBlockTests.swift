import Testing

@testable import Texture

struct TextureBlockTests {
    @Test(arguments: [Picture.white, Picture.purple, Picture.pink])
    func aUniformPatchHasNoTexture(colour: (UInt8, UInt8, UInt8)) {
        let named = Picture.uniform(colour).named
        for (name, value) in named {
            let isTexture = ["lbp", "gradient", "coherence", "laplacian", "modulus", "maxima", "correlation"].contains {
                name.contains($0)
            }
            if name.hasPrefix("lbp"), name.hasSuffix("count_0") {
                #expect(value == 1, "\(name)")
            } else if isTexture || name.hasSuffix("_sd") || name.hasSuffix("_skew") {
                #expect(value == 0, "\(name)")
            }
        }
    }

    @Test func aCheckerboardHasPatternsAndLaplaciansButNoCentralDifferences() throws {
        let named = Picture(side: 64) { x, y in (x + y) % 2 == 0 ? (0, 0, 0) : Picture.white }.named
        // Black is denser: its pixels see no denser neighbour (bin 0), white ones four, alternating (bin 9).
        #expect(named["lbp_h_l0_count_0"] == 0.5)
        #expect(named["lbp_h_l0_count_9"] == 0.5)
        // Black is 2466 · (6071 − 661 + 2089) / 4096 = 4515 in haematoxylin; half the ring differs by it.
        let black = Float(4515.0 / 1024)
        #expect(named["lbp_h_l0_contrast_0"] == black / 4)
        #expect(named["h_l0_laplacian_mean"] == 4 * black)
        #expect(named["h_l0_laplacian_skew"] == 0)
        // Only the doubled one-sided differences of the frame are left; a halving later all is grey.
        let frame = Float(4 * 62 * 2 + 4 * 2.75) / (64 * 64)
        #expect(abs(try #require(named["h_l0_gradient_mean"]) - frame * black) < 1e-3)
        #expect(named["h_l1_gradient_mean"] == 0)
        #expect(named["lbp_h_l1_count_0"] == 1)
    }

    @Test func stripesAreFullyCoherentAndTissueIsNot() throws {
        let stripes = Picture(side: 128) { x, _ in x / 8 % 2 == 0 ? Picture.purple : Picture.white }.named
        #expect(stripes["h_l0_coherence"] == 1)
        #expect(stripes["h_l1_coherence"] == 1)
        let tissue = Picture.tissue(side: 128).named
        #expect(try #require(tissue["h_l0_coherence"]) < 0.9)
    }

    @Test func aRampHasItsSlopeEverywhere() {
        let plane = Plane(side: 32)
        for y in 0..<32 { for x in 0..<32 { plane.row(y)[x] = Int16(16 * x) } }
        let moments = Gradients(side: 32).modulus(of: plane, into: Plane(side: 32))
        #expect(moments.mean == 32)
        #expect(moments.variance == 0)
        #expect(Laplacian.summary(of: plane).meanSize == 0)
    }

    @Test func theModulusIsWithinThreePercentOfTheLength() {
        let plane = Plane(side: 32)
        let gradients = Gradients(side: 32)
        let modulus = Plane(side: 32)
        for (a, b) in [(100, 0), (0, 100), (100, 25), (90, 50), (71, 71), (-60, 80)] {
            for y in 0..<32 { for x in 0..<32 { plane.row(y)[x] = Int16(a * x + b * y) } }
            let length = Double(4 * (a * a + b * b)).squareRoot()
            #expect(abs(gradients.modulus(of: plane, into: modulus).mean / length - 1) < 0.03, "\(a), \(b)")
        }
    }

    @Test func fiftyEightPatternsAreUniform() {
        let bins = (0...255).map { LocalBinaryPatterns.bin(of: UInt8($0)) }
        #expect(bins.count { $0 < 9 } == 58)
        #expect(bins[0] == 0)
        #expect(bins[255] == 8)
        #expect(bins[0b1000_0001] == 2)
        #expect(bins[0b0001_1110] == 4)
        #expect(bins[0b0101_0000] == 9)
    }

    @Test func patternsIgnoreStepsWithinTheTolerance() {
        let plane = Plane(side: 32)
        let patterns = LocalBinaryPatterns(side: 32)
        for (step, flat) in [(20, true), (21, false)] {
            for y in 0..<32 { for x in 0..<32 { plane.row(y)[x] = Int16(x < 16 ? 0 : step) } }
            let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: 20)
            defer { values.deallocate() }
            var row = FeatureRow(values)
            patterns.append(plane, to: &row)
            #expect((values[0] == 1) == flat)
            // One column of thirty sees three denser neighbours.
            #expect(values[3] == (flat ? 0 : Float(1.0 / 30)))
        }
    }

    @Test(arguments: [(1.0, [1, 1, 0, 0]), (3.0, [0, 1, 1, 0]), (6.0, [0, 0, 1, 1]), (12.0, [0, 0, 0, 1])])
    func aDiscIsOneMaximumOnTheLevelsOfItsSize(radius: Double, wanted: [Int]) throws {
        let named = Picture.disc(radius: radius).named
        for (level, count) in wanted.enumerated() {
            let inner = Double((128 >> level) - 4) * Double(1 << level)
            let density = try #require(named["maxima_l\(level)_density"])
            #expect(abs(Double(density) * inner * inner / 4096 - Double(count)) < 1e-6, "level \(level)")
            #expect((try #require(named["maxima_l\(level)_prominence"]) > 0.1) == (count > 0))
        }
    }

    @Test func ripplesWithinANucleusShowInTheSecondOrder() throws {
        // The same stripes everywhere, and in every other square of 16 only.
        let even = Picture(side: 128) { x, _ in x / 2 % 2 == 0 ? Picture.purple : Picture.pink }.named
        let patchy = Picture(side: 128) { x, y in
            x / 2 % 2 == 0 && (x / 16 + y / 16) % 2 == 0 ? Picture.purple : Picture.pink
        }.named
        let (smooth, clumped) = (try #require(even["h_l0_modulus_l2"]), try #require(patchy["h_l0_modulus_l2"]))
        #expect(clumped > 4 * smooth)
    }
}
