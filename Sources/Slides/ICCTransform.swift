import CLCMS
import Files
import Foundation
import Imaging
import Records

/// Turns the colours that a slide stores into sRGB by its ICC profile (ICC.1:2022), with Little CMS.
///
/// The rendering intent is the one that the profile itself names, as OpenSlide advises: it is what the scanner's maker meant the
/// colours to be seen by. Absolute becomes relative colorimetric, since glass has to stay white.
final class ICCTransform {
    private let transform: cmsHTRANSFORM

    /// - Throws: `SlideError.refused` for a profile that is damaged, or none of an RGB scanner or display.
    init(profile: [UInt8]) throws {
        let bytes = UInt32(exactly: profile.count).flatMap { $0 <= Self.largestProfile ? $0 : nil }
        guard let bytes, let opened = cmsOpenProfileFromMem(profile, bytes) else {
            throw Self.refusal("is damaged")
        }
        defer { cmsCloseProfile(opened) }
        guard cmsGetColorSpace(opened) == cmsSigRgbData,
            [cmsSigInputClass, cmsSigDisplayClass].contains(cmsGetDeviceClass(opened))
        else { throw Self.refusal("is none of an RGB scanner or display") }
        guard let sRGB = cmsCreate_sRGBProfile() else { throw Self.refusal("cannot be used: no memory for sRGB") }
        defer { cmsCloseProfile(sRGB) }
        let named = cmsGetHeaderRenderingIntent(opened)
        let intent = named == UInt32(INTENT_ABSOLUTE_COLORIMETRIC) ? UInt32(INTENT_RELATIVE_COLORIMETRIC) : named
        guard let made = cmsCreateTransform(opened, clcms_rgb_8(), sRGB, clcms_rgb_8(), intent, 0) else {
            throw Self.refusal("is damaged, or lacks what turns its colours into others")
        }
        transform = made
    }

    deinit { cmsDeleteTransform(transform) }

    /// - Parameter pixels: of 3 bytes each, row-major.
    func apply(to pixels: UnsafeMutableBufferPointer<UInt8>) {
        let piece = Self.pixelsAtOnce * 3
        for start in stride(from: 0, to: pixels.count, by: piece) {
            guard let part = pixels.baseAddress?.advanced(by: start) else { return }
            cmsDoTransform(transform, part, part, UInt32(min(piece, pixels.count - start) / 3))
        }
    }

    private static func refusal(_ what: String) -> SlideError {
        .refused("its ICC profile \(what)", wayOut: WayOut.storedColours)
    }

    /// Scanners' have less than one MB.
    private static let largestProfile: UInt32 = 64 << 20
    private static let pixelsAtOnce = 1 << 20
}

extension SlideOpening {
    /// What turns the slide's colours into those that are asked for; nil where they stay as they are stored, because that is
    /// asked for or the slide has no profile.
    /// - Throws: `SlideError.refused`; of the machine, where it is to blame.
    func transform(of opened: Opened) throws -> ICCTransform? {
        guard rules.colour == .icc else { return nil }
        let profile: [UInt8]?
        do { profile = try opened.reader.iccProfile() } catch let fault as SlideFault {
            throw self.fault()
                ?? SlideError.refused(
                    "its ICC profile cannot be read: \(files.named(file, in: fault.text))",
                    wayOut: WayOut.storedColours
                )
        }
        if let profile { return try ICCTransform(profile: profile) }
        guard try opened.account.hasICCProfile || hidesProfile(opened.reader) else { return nil }
        throw SlideError.refused(
            "it has an ICC profile that its reader cannot hand out (OpenSlide \(OpenSlideReader.version); version 4 can)",
            wayOut: WayOut.storedColours
        )
    }

    /// OpenSlide 3 says of no TIFF but Aperio's that it has a profile.
    private func hidesProfile(_ reader: any SlideReader) throws -> Bool {
        let interColourProfile = 34_675
        guard reader.openSlide != nil, !reader.handsOutProfiles,
            let walk = try TIFFWalk(OpenFile(files.main))
        else { return false }
        return walk.directories.first?.entries[interColourProfile] != nil
    }
}

extension Slide {
    /// What of its colours is not as it was asked for; nil where nothing is to be said.
    var colourNote: String? {
        rules.colour == .icc && transform == nil ? "it has no ICC profile, and its colours are as they are stored" : nil
    }
}
