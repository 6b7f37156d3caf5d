import Files
import Foundation
import Records

/// Opens the pyramid that a slide's files are.
enum DICOMReading {
    /// nil where the slide is no DICOM.
    /// - Throws: `SlideError`, `SlideFault`, `StorageError`.
    static func open(_ files: SlideFiles, _ rules: ReadingRules) throws -> (any SlideReader)? {
        guard DICOMFolder.isDICOM(files.main) else { return nil }
        guard files.all.count <= mostFiles else {
            throw SlideError.geometry("a DICOM pyramid of \(files.all.count) files, \(mostFiles) are read")
        }
        let instances = try files.all.compactMap { try DICOMInstance(OpenFile($0), rules) }
        guard !instances.isEmpty else { return nil }
        let pyramid = try DICOMPyramid(instances)
        let profile = try profile(of: pyramid.levels[0].parts[0])
        let tiles = try pyramid.levels.map { try DICOMTiles($0, rules) }
        return TiledReader(pyramid.account(profile: profile), levels: tiles, profile: profile)
    }

    private static func profile(of instance: DICOMInstance) throws -> [UInt8]? {
        guard let part = instance.header.profile, !part.isEmpty else { return nil }
        guard part.count <= largestProfile else {
            throw SlideFault(text: "its colour profile is said to have \(part.count) bytes")
        }
        var bytes = DICOMBytes(instance.file)
        return try bytes.bytes(part.count, at: part.lowerBound)
    }

    /// All stay open.
    private static let mostFiles = 256
    private static let largestProfile = 64 << 20
}
