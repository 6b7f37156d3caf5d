import Foundation
import Records

/// One way in which slides are opened.
struct SlideReading: Sendable {
    /// Of the library, as messages name it.
    var name: String
    /// As it is loaded.
    var version: @Sendable () -> String
    /// What it is known to open. Files are told by what stands in them, these endings only say which ones are looked at.
    var formats: [SlideFormat]
    /// nil where it does not know the slide, or leaves it to a reader below it in the table.
    /// - Throws: `SlideFault` where it knows the slide and cannot open it, `SlideError` where it says why by itself,
    ///   `StorageError` where the machine does not give the file.
    var open: @Sendable (_ files: SlideFiles, _ rules: ReadingRules) throws -> (any SlideReader)?

    /// The first that opens a file is its reader.
    static let all = [
        SlideReading(
            name: "wsi's DICOM reader",
            version: { Release.version },
            formats: [.dicom],
            open: DICOMReading.open
        ),
        SlideReading(
            name: "OpenSlide",
            version: { OpenSlideReader.version },
            formats: [
                .aperio, .tiff, .hamamatsuNDPI, .hamamatsuVMS, .mirax, .leica, .ventana, .sakura,
            ],
            open: { files, rules in
                guard !DICOMFolder.isDICOM(files.main), let reader = try OpenSlideReader(path: files.main.path) else {
                    return nil
                }
                let vendor = try reader.account().vendor
                try SlideFormat.checkFirstImage(of: files.main, vendor)
                guard try !TIFFSlide.takesOver(files, of: vendor) else { return nil }
                return try reader.hasRightColours(of: files.main, rules) ? reader : nil
            }
        ),
        SlideReading(
            name: "libtiff",
            version: { SlideLibraries.tiff },
            formats: [.tiff, .phenoImager],
            open: { try TIFFSlide.open($0, $1) }
        ),
    ]

    /// - Throws: `SlideFault` where none of them opens the file: that of the last one that knows it.
    static func open(_ files: SlideFiles, _ rules: ReadingRules) throws -> any SlideReader {
        var known: SlideFault?
        for reading in all {
            do { if let reader = try reading.open(files, rules) { return reader } } catch let fault as SlideFault {
                known = fault
            }
        }
        if let known { throw known }
        let names = all.map { "\($0.name) \($0.version())" }
        throw SlideFault(text: "no format that \(names.joined(separator: " or ")) knows", isOfUnknownFormat: true)
    }
}
