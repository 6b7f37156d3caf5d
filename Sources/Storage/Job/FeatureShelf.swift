public import Foundation
public import Records
import Synchronization

/// Opens feature files. One that holds many slides is parsed once and stays open while it is asked for; its numbers do not
/// stay. Several threads may ask; they are answered one after the other.
public final class FeatureShelf: Sendable {
    private let open = Mutex(OpenFeatureFiles())

    public init() {}

    /// As `FeatureFile(contentsOf:slide:)`.
    public func features(in url: URL, of slide: SlideID?) throws -> FeatureFile {
        try open.withLock { try FeatureFile(FeatureStore(url, slide: slide, from: &$0), slideMPP: nil) }
    }

    /// As `features(in:of:)` without the numbers: `features` is empty.
    public func places(in url: URL, of slide: SlideID?) throws -> FeatureFile {
        try open.withLock { try FeatureFile(placesOf: FeatureStore(url, slide: slide, from: &$0), slideMPP: nil) }
    }

    /// As `FeatureFile.shape(of:slide:)`.
    public func shape(of url: URL, slide: SlideID?) throws -> FeatureShape {
        try open.withLock { try FeatureStore(url, slide: slide, from: &$0).shape() }
    }
}

/// The file that was last opened, of each kind that can hold many slides.
struct OpenFeatureFiles {
    private var safetensors: SafeTensorsDirectory?
    private var hdf5: (url: URL, file: HDF5File)?

    mutating func directory(_ url: URL) throws -> SafeTensorsDirectory {
        if let safetensors, safetensors.url == url { return safetensors }
        let directory = try SafeTensorsDirectory(contentsOf: url)
        safetensors = directory
        return directory
    }

    mutating func file(_ url: URL) throws -> HDF5File {
        if let hdf5, hdf5.url == url { return hdf5.file }
        let file = try HDF5File.open(url)
        hdf5 = (url, file)
        return file
    }
}
