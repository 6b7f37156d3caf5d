import Records

/// How an instance's pixels are stored (PS3.3, C.7.6.3).
struct DICOMPixelForm: Equatable {
    var photometric = ""
    var samples = 0
    var isPlanar = false
    var bitsAllocated = 0
    var bitsStored = 0
    var isSigned = false

    /// What the samples of a decoded frame are.
    enum Components { case rgb, yCbCr, grey }

    /// - Throws: `SlideError.refused` for all that is no 8-bit colour, or grey that the rules do not take.
    func components(_ codec: DICOMTransferSyntax.Codec, _ rules: ReadingRules) throws -> Components {
        guard bitsAllocated == 8, bitsStored == 8, !isSigned else {
            let bits = isSigned ? "signed \(bitsStored)-bit" : "\(bitsStored)-bit"
            throw SlideError.pixels("\(bits) \(shown) in \(bitsAllocated) bits")
        }
        switch (photometric, samples) {
        case ("RGB", 3): return .rgb
        // The codec's own transform, which it undoes.
        case ("YBR_ICT", 3) where codec == .jpeg2000, ("YBR_RCT", 3) where codec == .jpeg2000: return .rgb
        case ("YBR_FULL", 3), ("YBR_FULL_422", 3): return .yCbCr
        case ("MONOCHROME2", 1):
            guard rules.acceptsGrey else {
                throw SlideError.pixels("grey, 1 channel of 8 bits", wayOut: WayOut.grey)
            }
            return .grey
        default: throw SlideError.pixels("\(samples) sample(s) of \(shown)")
        }
    }

    /// Bytes of a frame that is not compressed.
    func frameBytes(width: Int, height: Int) -> Int {
        photometric == "YBR_FULL_422" ? (width + 1) / 2 * 4 * height : width * height * samples
    }

    /// A code of the standard, and no other words of a file.
    private var shown: String {
        Self.known.contains(photometric) ? photometric : "an unknown photometric interpretation"
    }

    private static let known: Set = [
        "MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "HSV", "ARGB", "CMYK", "XYB", "YBR_FULL", "YBR_FULL_422",
        "YBR_PARTIAL_420", "YBR_PARTIAL_422", "YBR_ICT", "YBR_RCT",
    ]
}
