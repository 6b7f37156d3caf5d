import Foundation
import Imaging
import Records

@testable import Slides

/// A Sakura svslide: an SQLite database. One of its tables tells the name of another, in which a header and all tiles lie, a grey
/// JPEG for each colour; of several focal planes the middle one is shown.
struct WrittenSakura {
    /// What each focal plane shows.
    var planes: [WrittenGlass]
    /// Of level 0, in pixels, those of tiles that are left out.
    var missing: Set<PixelPoint> = []
    var tile = 128
    var levels = 3
    var mpp = 1.0

    func write(to url: URL) throws { try SQLiteLibrary.write(statements(), to: url) }

    func statements() throws -> [String] {
        let size = planes[0].size
        func text(_ string: String) -> Data { Data(string.utf8) }
        let header = [tile, size.width, size.height, 0, planes.count].reduce(into: Data()) { $0 += little(UInt32($1)) }
        var rows = [
            ("++MagicBytes", text("SVGigaPixelImage")), ("++VersionBytes", text("1.0")), ("Header", header),
        ]
        for (plane, glass) in planes.enumerated() {
            for level in 0..<levels { rows += try tiles(of: glass, plane, level) }
        }
        let preview = try JPEGFile.encode(glass(PixelRect(x: 0, y: 0, width: 64, height: 64), 8))
        return [
            "CREATE TABLE DataManagerSQLiteConfigXPO (OID INTEGER, TableName TEXT)",
            "INSERT INTO DataManagerSQLiteConfigXPO VALUES (1, 'MyTable')",
            "CREATE TABLE MyTable (id TEXT PRIMARY KEY, size INTEGER, data BLOB)",
            """
            CREATE TABLE SVSlideDataXPO (OID INTEGER, SlideId TEXT, Date TEXT, Description TEXT, Creator TEXT,
              DiagnosisCode TEXT, Keywords TEXT, m_labelScan INTEGER, m_overviewScan INTEGER)
            """,
            "INSERT INTO SVSlideDataXPO VALUES (1, 'planted id', '1', 'd', 'planted creator', 'c', 'k', 1, 1)",
            """
            CREATE TABLE SVHRScanDataXPO (OID INTEGER, ParentSlide INTEGER, ScanId TEXT, Date TEXT, Name TEXT,
              Description TEXT, ResolutionMmPerPix REAL, NominalLensMagnification REAL, FocussingMethod TEXT,
              ThumbnailImage BLOB)
            """,
            "INSERT INTO SVHRScanDataXPO VALUES (1, 1, 's', '1', 'n', 'd', \(mpp / 1000), 10, 'f', \(Self.hex(preview)))",
            "CREATE TABLE SVScannedImageDataXPO (OID INTEGER, Image BLOB)",
            "INSERT INTO SVScannedImageDataXPO VALUES (1, \(Self.hex(preview)))",
        ] + rows.map { "INSERT INTO MyTable VALUES ('\($0.0)', \($0.1.count), \(Self.hex($0.1)))" }
    }

    private func glass(_ part: PixelRect, _ downsample: Int) -> RGBImage {
        planes[0].picture(part, downsample: downsample)
    }

    private func tiles(of glass: WrittenGlass, _ plane: Int, _ level: Int) throws -> [(String, Data)] {
        let (size, step) = (glass.size, tile << level)
        var rows: [(String, Data)] = []
        for y in stride(from: 0, to: size.height, by: step) {
            for x in stride(from: 0, to: size.width, by: step)
            where level > 0 || !missing.contains(PixelPoint(x: x, y: y)) {
                let part = PixelRect(x: x >> level, y: y >> level, width: tile, height: tile)
                let picture = glass.picture(part, downsample: 1 << level)
                for colour in 0..<3 {
                    let values = stride(from: colour, to: picture.pixels.count, by: 3).map { picture.pixels[$0] }
                    let grey = RGBImage(width: tile, height: tile, pixels: values.flatMap { [$0, $0, $0] })
                    let id = "T;\(x)|\(y);\(1 << level);\(colour);\(plane)"
                    rows.append((id, try JPEGFile.encode(grey, quality: 92)))
                }
            }
        }
        return rows
    }

    private static func hex(_ data: Data) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        return "X'" + String(decoding: data.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
            + "'"
    }
}

/// SQLite's own library, which the OpenSlide of every system is linked to: it is there without a package of its own, and tests need
/// three of its functions.
enum SQLiteLibrary {
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private typealias Open = @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>) -> Int32
    private typealias Execute =
        @convention(c) (
            OpaquePointer, UnsafePointer<CChar>, UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?
        ) -> Int32
    private typealias Close = @convention(c) (OpaquePointer) -> Int32

    /// A new database of what SQL statements make.
    static func write(_ statements: [String], to url: URL) throws {
        guard let library = dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL) else {
            throw Fault(description: "no libsqlite3.so.0")
        }
        func function<Function>(_ name: String, _: Function.Type) throws -> Function {
            guard let found = dlsym(library, name) else { throw Fault(description: "no \(name)") }
            return unsafeBitCast(found, to: Function.self)
        }
        let (open, close) = (
            try function("sqlite3_open", Open.self), try function("sqlite3_close", Close.self)
        )
        let execute = try function("sqlite3_exec", Execute.self)
        var database: OpaquePointer?
        guard open(url.path, &database) == 0, let database else {
            throw Fault(description: "\(url.path) does not open")
        }
        for statement in ["BEGIN"] + statements + ["COMMIT"] {
            let status = execute(database, statement, nil, nil, nil)
            guard status == 0 else { throw Fault(description: "status \(status) of \(statement.prefix(60))") }
        }
        guard close(database) == 0 else { throw Fault(description: "\(url.path) does not close") }
    }
}
