/// One way in which slides are opened.
struct SlideReading: Sendable {
    /// Of the library, as messages name it.
    var name: String
    /// As it is loaded.
    var version: @Sendable () -> String
    /// What it is known to open. Files are told by what stands in them, these endings only say which ones are looked at.
    var formats: [SlideFormat]
    /// nil where it does not know the file.
    /// - Throws: `SlideFault` where it knows the file and cannot open it.
    var open: @Sendable (_ path: String) throws -> (any SlideReader)?

    /// The first that knows a file opens it.
    static let all = [
        SlideReading(
            name: "OpenSlide",
            version: { OpenSlideReader.version },
            formats: [
                .aperio, .tiff, .hamamatsuNDPI, .hamamatsuVMS, .mirax, .leica, .ventana, .sakura, .dicom,
            ],
            open: { try OpenSlideReader(path: $0) }
        )
    ]

    /// - Throws: `SlideFault` where none of them opens the file.
    static func open(_ path: String) throws -> any SlideReader {
        for reading in all { if let reader = try reading.open(path) { return reader } }
        let names = all.map { "\($0.name) \($0.version())" }
        throw SlideFault(text: "no format that \(names.joined(separator: " or ")) knows")
    }
}
