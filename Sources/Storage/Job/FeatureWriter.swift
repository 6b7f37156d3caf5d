import Files
public import Foundation
public import Records

#if canImport(Glibc)
    import Glibc
#endif

/// Writes the features of one slide row by row; a file appears under its name only when it is complete and verified.
///
/// HDF5 makes the file's frame with all space allocated and is closed before the first row: on a full disk libhdf5 1.10
/// can report success and leave rows of zeros. The rows go straight to their place in the file, after the system has
/// promised the space for all of them.
public final class FeatureWriter {
    private let url: URL
    private let staged: URL
    private let grid: PatchGrid
    private let width: Int
    private let encoder: String
    private let attributes: [String: String]
    private let unreadable: [PixelPoint]
    private let descriptor: Int32
    private let offset: Int
    private var rows = 0
    private var isOpen = true

    /// - Parameters:
    ///   - width: D.
    ///   - encoder: the encoder's name, as TRIDENT's `encoder` attribute and as `wsi_encoder`.
    ///   - attributes: further texts for the root, such as `wsi_fingerprint`; every name begins with `wsi_`.
    /// - Throws: `StorageError`, with `.noSpace` where N·D values do not fit on the disk.
    public convenience init(
        to url: URL,
        grid: PatchGrid,
        width: Int,
        encoder: String,
        attributes: [String: String]
    ) throws {
        try self.init(to: url, grid: grid, width: width, encoder: encoder, attributes: attributes, unreadable: [])
    }

    private init(
        to url: URL,
        grid: PatchGrid,
        width: Int,
        encoder: String,
        attributes: [String: String],
        unreadable: [PixelPoint]
    ) throws {
        guard width > 0, case let (size, overflow) = grid.count.multipliedReportingOverflow(by: width * 4), !overflow
        else {
            throw StorageError.malformed(
                path: url.path,
                reason: "\(grid.count) rows of \(width) values are out of range"
            )
        }
        self.url = url
        self.grid = grid
        self.width = width
        self.encoder = encoder
        self.attributes = attributes
        self.unreadable = unreadable
        try AtomicFile.createFolder(url.deletingLastPathComponent())
        let staged = AtomicFile.temporary(beside: url)
        self.staged = staged
        do {
            offset = try Self.makeFrame(
                at: staged,
                grid: grid,
                width: width,
                encoder: encoder,
                attributes: attributes.merging(["wsi_encoder": encoder]) { given, _ in given },
                unreadable: unreadable
            )
            descriptor = try Self.reserve(staged, offset: offset, size: size)
        } catch {
            AtomicFile.discard(staged)
            throw error
        }
    }

    deinit { cancel() }

    /// Appends whole rows, in the grid's order.
    /// - Throws: `StorageError.nonFinite` for a NaN or an infinity, `.malformed` for too many values, `.system`.
    public func append(_ values: UnsafeBufferPointer<Float>) throws {
        guard isOpen, values.count % width == 0, rows + values.count / width <= grid.count else {
            throw StorageError.malformed(
                path: url.path,
                reason: "\(values.count) values after row \(rows) of \(grid.count), \(width) to a row"
            )
        }
        if let bad = values.firstIndex(where: { !$0.isFinite }) {
            throw StorageError.nonFinite(path: url.path, row: rows + bad / width)
        }
        var bytes = UnsafeRawBufferPointer(values)
        var position = offset + rows * width * 4
        while !bytes.isEmpty {
            let wrote = pwrite(descriptor, bytes.baseAddress, bytes.count, position)
            if wrote < 0 {
                if errno == EINTR { continue }
                throw StorageError.system(path: url.path, call: "write", errno: errno)
            }
            bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(wrote))
            position += wrote
        }
        rows += values.count / width
    }

    public func append(_ values: [Float]) throws { try values.withUnsafeBufferPointer { try append($0) } }

    /// Checks the file and gives it its name.
    /// - Parameter keptRows: where patches were unreadable, the grid's rows that were appended, ascending; the file then
    ///   holds only those, and `unreadable_coords` lists the others.
    /// - Returns: SHA-256 of the published file.
    public func finish(keptRows: [Int]? = nil) throws -> String {
        defer { cancel() }
        let wanted = keptRows?.count ?? grid.count
        guard isOpen, rows == wanted else {
            throw StorageError.malformed(path: url.path, reason: "\(rows) rows of features for \(wanted) patches")
        }
        if let keptRows, keptRows.count < grid.count { return try finish(only: keptRows) }
        try verify()
        return try AtomicFile.publish(to: url) { temporary in
            guard rename(staged.path, temporary.path) == 0 else {
                throw StorageError.system(path: url.path, call: "rename", errno: errno)
            }
            return try Digest.sha256(fileAt: temporary)
        }
    }

    /// Removes what was written. Does nothing after `finish`.
    public func cancel() {
        guard isOpen else { return }
        isOpen = false
        close(descriptor)
        AtomicFile.discard(staged)
    }

    /// Copies the rows into a file of just their number.
    private func finish(only keptRows: [Int]) throws -> String {
        let kept = Set(keptRows)
        guard kept.count == keptRows.count, keptRows == keptRows.sorted(),
            keptRows.allSatisfy(grid.corners.indices.contains)
        else {
            throw StorageError.malformed(path: url.path, reason: "the kept rows are not ascending rows of the grid")
        }
        var smaller = grid
        smaller.corners = keptRows.map { grid.corners[$0] }
        let writer = try FeatureWriter(
            to: url,
            grid: smaller,
            width: width,
            encoder: encoder,
            attributes: attributes,
            unreadable: grid.corners.indices.filter { !kept.contains($0) }.map { grid.corners[$0] }
        )
        let block = max(1, (1 << 20) / width)
        for start in stride(from: 0, to: rows, by: block) {
            let count = min(block, rows - start) * width
            let values = try [Float](unsafeUninitializedCapacity: count) { buffer, filled in
                let wanted = count * 4
                guard pread(descriptor, buffer.baseAddress, wanted, offset + start * width * 4) == wanted else {
                    throw StorageError.system(path: url.path, call: "read", errno: EIO)
                }
                filled = count
            }
            try writer.append(values)
        }
        return try writer.finish()
    }

    /// Opens the staged file as a reader would and compares its frame with what was meant.
    private func verify() throws {
        let file = try HDF5File.open(staged)
        let features = try file.dataset("features")
        guard features.shape == [grid.count, width], grid.count == 0 || features.offset == offset,
            try GridFacts.read(file) == grid, try features.object.value("encoder")?.text == encoder,
            try GridFacts.attributes(of: file).count >= attributes.count
        else {
            throw StorageError.readsBackDifferently(url)
        }
    }

    /// - Returns: byte offset of the features.
    private static func makeFrame(
        at staged: URL,
        grid: PatchGrid,
        width: Int,
        encoder: String,
        attributes: [String: String],
        unreadable: [PixelPoint]
    ) throws -> Int {
        try HDF5File.make(at: staged) { file in
            try GridFacts.write(grid, attributes: attributes, to: file)
            if !unreadable.isEmpty {
                try GridFacts.writeCorners(unreadable, named: "unreadable_coords", facts: [], to: file)
            }
            let features = try file.create("features", .float32, shape: [grid.count, width])
            try features.object.set("encoder", .text(encoder))
            try features.object.set("name", .text(grid.slide.text))
            return features.offset ?? 0
        }
    }

    /// - Returns: a descriptor of the file, whose space for the rows is promised by the system.
    private static func reserve(_ staged: URL, offset: Int, size: Int) throws -> Int32 {
        let descriptor = open(staged.path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageError.system(path: staged.path, call: "open", errno: errno) }
        let status = size == 0 ? 0 : posix_fallocate(descriptor, offset, size)
        guard status == 0 else {
            close(descriptor)
            throw StorageError.system(path: staged.path, call: "reserve \(size) bytes", errno: status)
        }
        return descriptor
    }
}
