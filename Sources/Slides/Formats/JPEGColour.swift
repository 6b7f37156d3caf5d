import CJPEG
import Records

/// What the components of a level's JPEG tiles are: decided once for each level, in this one place, for every reader.
///
/// The stream's own word comes before the TIFF's, since there are writers that set tag 262 to RGB for what they hand to a JPEG
/// encoder, which makes YCbCr of it: Adobe's marker, then component ids, then what only YCbCr has. Scanners leave all that out
/// and write RGB, which libjpeg alone would take for YCbCr; there the tag decides.
enum JPEGColour {
    /// - Parameters:
    ///   - evidence: of a tile of the level.
    ///   - photometric: the TIFF's tag 262, or what DICOM's words mean there.
    /// - Throws: `SlideError.refused` where the evidence contradicts itself and no rule decides, or is not of three components, or of
    ///   one for grey.
    static func components(
        _ evidence: JPEGEvidence,
        photometric: UInt16,
        _ rules: ReadingRules
    ) throws -> cjpeg_components {
        let isGrey = photometric == TIFFPhotometric.grey
        let (count, wanted) = (evidence.componentIDs.count, isGrey ? 1 : 3)
        guard count == wanted else {
            throw SlideError.refused(
                "its JPEG tiles have \(count) component(s) where \(isGrey ? "one is" : "three are") said",
                wayOut: WayOut.again
            )
        }
        if isGrey { return CJPEG_GREY }
        switch rules.jpegColour {
        case .rgb: return CJPEG_RGB
        case .yCbCr: return CJPEG_YCBCR
        case nil: break
        }
        if let contradiction = evidence.contradiction {
            throw SlideError.refused(
                "the colours of its JPEG tiles are in doubt: \(contradiction)",
                wayOut:
                    "try --jpeg-colour ycbcr and --jpeg-colour rgb, and keep the one whose thumbnail has the right colours"
            )
        }
        if evidence.adobeTransform == 1 { return CJPEG_YCBCR }
        if evidence.saysRGB != nil { return CJPEG_RGB }
        if evidence.saysYCbCr != nil { return CJPEG_YCBCR }
        return photometric == TIFFPhotometric.yCbCr ? CJPEG_YCBCR : CJPEG_RGB
    }
}

/// Values of tag 262 (TIFF 6.0, section 8).
enum TIFFPhotometric {
    static let grey: UInt16 = 1
    static let rgb: UInt16 = 2
    static let yCbCr: UInt16 = 6
}

extension JPEGEvidence {
    /// Why the components must be RGB, in words.
    fileprivate var saysRGB: String? {
        if adobeTransform == 0 { return "Adobe's transform 0" }
        return componentIDs == Array("RGB".utf8) ? "component ids R, G and B" : nil
    }

    /// Why the components must be YCbCr: JFIF has nothing else (ITU-T T.871), and nobody takes samples away from a third of RGB.
    fileprivate var saysYCbCr: String? {
        if hasJFIF { return "a JFIF marker" }
        return isSubsampled ? "subsampled chroma" : nil
    }

    fileprivate var contradiction: String? {
        if let adobeTransform, !(0...1).contains(adobeTransform) {
            return "three components cannot have Adobe's transform \(adobeTransform)"
        }
        guard let rgb = saysRGB, let yCbCr = saysYCbCr else { return nil }
        return "\(rgb) means RGB, and \(yCbCr) means YCbCr"
    }
}
