public import Foundation
public import Records

/// Opens feature files. One that holds many slides is parsed once and stays open while it is asked for; its numbers do not
/// stay.
///
/// Not Sendable: each reader has its own.
public final class FeatureShelf {
    /// The file that was last opened, of each kind that can hold many slides.
    private var safetensors: SafeTensorsDirectory?
    private var hdf5: (url: URL, file: HDF5File)?

    public init() {}

    /// As `FeatureFile(contentsOf:slide:)`.
    public func features(in url: URL, of slide: SlideID?) throws -> FeatureFile {
        try FeatureFile(FeatureStore(url, slide: slide, from: self), slideMPP: nil)
    }

    /// As `features(in:of:)` without the numbers: `features` is empty.
    public func places(in url: URL, of slide: SlideID?) throws -> FeatureFile {
        try FeatureFile(placesOf: FeatureStore(url, slide: slide, from: self), slideMPP: nil)
    }

    /// As `FeatureFile.shape(of:slide:)`.
    public func shape(of url: URL, slide: SlideID?) throws -> FeatureShape {
        try FeatureStore(url, slide: slide, from: self).shape()
    }

    func directory(_ url: URL) throws -> SafeTensorsDirectory {
        if let safetensors, safetensors.url == url { return safetensors }
        let directory = try SafeTensorsDirectory(contentsOf: url)
        safetensors = directory
        return directory
    }

    func file(_ url: URL) throws -> HDF5File {
        if let hdf5, hdf5.url == url { return hdf5.file }
        let file = try HDF5File.open(url)
        hdf5 = (url, file)
        return file
    }
}
