import Testing
import Texture

/// The exact bits of `he-texture-v1` for two painted patches. A change here means that stored features no longer match: any
/// change of a constant or definition is `he-texture-v2`. The numbers agree to seven digits with a second implementation,
/// written from the definitions in another language.
struct GoldenVectorTests {
    private static let chosen: [(name: String, bits: UInt32)] = [
        ("h_mean", 0x3E68_3A45),
        ("h_sd", 0x3E68_90DF),
        ("h_skew", 0x3F1D_6B4D),
        ("e_q25", 0x3DC0_0000),
        ("residual_q95", 0x3DD2_0000),
        ("od_skew", 0x3F19_4CC4),
        ("correlation_he", 0xBD75_6244),
        ("correlation_er", 0x3F3A_3137),
        ("area_h_039", 0x3E3B_3978),
        ("area_eosin_only", 0x3EE0_DB6E),
        ("joint_h1_e2", 0x3F0D_1D2B),
        ("lbp_h_l0_count_4", 0x3CD5_6D45),
        ("lbp_h_l0_contrast_9", 0x3CE8_C70B),
        ("lbp_h_l2_contrast_4", 0x3B9E_55AF),
        ("lbp_e_l1_count_0", 0x3EEB_7A4A),
        ("h_l0_gradient_mean", 0x3E37_2883),
        ("h_l0_gradient_sd", 0x3E6D_072F),
        ("h_l1_coherence", 0x3EE8_A25D),
        ("h_l2_laplacian_skew", 0x3F17_CC13),
        ("e_l3_laplacian_mean", 0x3C6E_51CC),
        ("e_l0_coherence", 0x3F0A_4194),
        ("h_l0_modulus_l2", 0x3F9D_6ED6),
        ("e_l2_modulus_l3", 0x3F1A_B665),
        ("maxima_l0_density", 0x424C_2DED),
        ("maxima_l2_prominence", 0x3F05_3B3A),
        ("maxima_l3_density", 0x4047_1C72),
    ]

    @Test func thePaintedPatchesAreTheOnesTheseBitsWereTakenFrom() {
        #expect(fingerprint(Picture.tissue(side: 224).pixels) == 0x1790_5389_7DFC_B4E9)
        #expect(fingerprint(Picture.confetti(side: 96).pixels) == 0xCDD3_94B8_2AAD_4C25)
    }

    @Test func chosenDimensionsKeepTheirBits() {
        let named = Picture.tissue(side: 224).named
        for (name, bits) in Self.chosen { #expect(named[name]?.bitPattern == bits, "\(name)") }
    }

    @Test func all256NumbersKeepTheirBits() {
        #expect(fingerprint(bytes(of: Picture.tissue(side: 224).features)) == 0x1281_28EB_5A8F_E628)
        #expect(fingerprint(bytes(of: Picture.confetti(side: 96).features)) == 0xF4AA_FB02_1E34_BB90)
    }

    private func bytes(of values: [Float]) -> [UInt8] {
        values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
    }

    /// FNV-1a, 64 bits.
    private func fingerprint(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}
