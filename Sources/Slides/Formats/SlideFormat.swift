import Foundation

/// A format of slides: by what its files are found, and what belongs to one of its slides.
struct SlideFormat: Equatable, Sendable {
    /// What makes one slide.
    enum Files: Equatable, Sendable {
        /// One file.
        case one
        /// A file and, where there is one, the folder of the same name beside it with all that lies there, none of it a slide of
        /// its own.
        case withFolder
        /// A file and those that it names, beside it or in folders there.
        case named
        /// Those files of the folder that say that they are of one slide, whatever their names.
        case series
    }

    /// As the documents name it.
    var name: String
    /// Of the file that is opened, in lower case.
    var endings: [String]
    var files = Files.one

    /// Of every reader, each once.
    static let all: [SlideFormat] = SlideReading.all.flatMap(\.formats).reduce(into: []) { formats, format in
        if !formats.contains(format) { formats.append(format) }
    }

    private static let byEnding = Dictionary(
        all.flatMap { format in format.endings.map { ($0, format) } },
        uniquingKeysWith: { first, _ in first }
    )

    /// What files with this ending may be; nil for one that no format has.
    static func of(ending: String) -> SlideFormat? { byEnding[ending.lowercased()] }
}

/// Those of one file about which nothing else is to be said.
extension SlideFormat {
    static let leica = SlideFormat(name: "Leica SCN", endings: ["scn"])
    static let ventana = SlideFormat(name: "Ventana BIF", endings: ["bif"])
    static let sakura = SlideFormat(name: "Sakura", endings: ["svslide"])
}

extension SlideFormat {
    /// The first image of these is a macro or label: OpenSlide takes that for the slide where it does not know the rest.
    private static let beginningWithMacro = [leica, ventana]

    /// - Throws: `SlideError.unread` where a slide of these formats is only a plain TIFF to OpenSlide.
    static func checkFirstImage(of file: URL, _ vendor: String) throws {
        guard vendor == "generic-tiff", let format = of(ending: file.pathExtension), beginningWithMacro.contains(format)
        else { return }
        throw SlideError.unread(
            format: "\(format.name) in whose XML OpenSlide finds no slide",
            wayOut:
                "compare it with its source, and where both are alike export it with its scanner's software as SVS or as a tiled "
                + "pyramid in TIFF"
        )
    }
}
