import Files
import Foundation
import Records

/// One file of a pyramid: a level, or a part of one.
struct DICOMInstance {
    let header: DICOMHeader
    let body: DICOMBody
    let frames: DICOMFrames
    let codec: DICOMTransferSyntax.Codec
    let file: OpenFile

    var tileSize: PixelSize { PixelSize(width: header.columns, height: header.rows) }
    var levelSize: PixelSize { PixelSize(width: header.totalColumns, height: header.totalRows) }

    /// nil for a file that is no DICOM.
    /// - Throws: `SlideError.refused`, `.geometry` for what is not read; `SlideFault`, `StorageError`.
    init?(_ file: OpenFile, _ rules: ReadingRules) throws {
        guard let header = try DICOMHeader(file) else { return nil }
        (self.file, self.header) = (file, header)
        try Self.check(header)
        codec = try DICOMTransferSyntax.codec(of: header.transferSyntax)
        _ = try header.form.components(codec, rules)
        body = try DICOMBody(file, header)
        frames = try DICOMFrames(file, header, body, codec)
    }

    private static func check(_ header: DICOMHeader) throws {
        if DICOMTransferSyntax.isWalked(header.transferSyntax), let other = header.otherKind {
            throw SlideError.refused(other, wayOut: "name a file of the slide's pyramid, or its folder")
        }
        _ = try DICOMTransferSyntax.codec(of: header.transferSyntax)
        guard header.opticalPaths <= 1 else {
            throw SlideError.refused("the pixels are \(header.opticalPaths) optical paths", wayOut: WayOut.light)
        }
        guard header.focalPlanes <= 1 else {
            throw SlideError.refused("the pixels are \(header.focalPlanes) focal planes", wayOut: WayOut.oneImage)
        }
        guard (1...mostFrames).contains(header.frames) else {
            throw SlideFault(text: "it says to have \(header.frames) frames, 1 to \(mostFrames) are read")
        }
        let (area, overflow) = header.rows.multipliedReportingOverflow(by: header.columns)
        guard header.rows > 0, header.columns > 0, !overflow, area <= largestTile else {
            throw SlideError.geometry("tiles of \(header.columns) × \(header.rows) pixels")
        }
        guard header.totalRows > 0, header.totalColumns > 0 else {
            throw SlideFault(text: "it does not say how large its image is")
        }
    }

    static let mostFrames = 1 << 21
    /// Pixels, 24 MB decoded.
    static let largestTile = 1 << 23
}

extension DICOMHeader {
    /// VL Whole Slide Microscopy Image Storage.
    static let wholeSlide = "1.2.840.10008.5.1.4.1.1.77.1.6"
    /// Media Storage Directory Storage.
    private static let directory = "1.2.840.10008.1.3.10"

    /// What the file is that is no level of a slide; nil for one that is.
    var otherKind: String? {
        if sopClass == Self.directory { return "a DICOMDIR, which is a table of contents" }
        guard sopClass == Self.wholeSlide else { return "a DICOM file that is no whole slide image" }
        let kind = imageType.count > 2 ? imageType[2] : ""
        if kind == "VOLUME" { return nil }
        let known = ["LABEL", "OVERVIEW", "THUMBNAIL", "LOCALIZER"]
        return
            "a DICOM image \(known.contains(kind) ? "of type \(kind)" : "of another type than VOLUME"), no level of a slide"
    }

    /// What instances of one pyramid have in common: the UID of the pyramid, where they have one, else those of their series and
    /// space, and their light. Instances that say none of these are alone.
    var pyramidKey: String {
        if !pyramid.isEmpty { return "pyramid \(pyramid)" }
        guard !series.isEmpty || !frameOfReference.isEmpty else { return "instance \(instance)" }
        return "series \(series) \(frameOfReference) \(opticalPathNames.joined(separator: "\\"))"
    }
}
