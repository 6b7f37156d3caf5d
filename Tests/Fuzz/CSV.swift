import Files
import Storage

/// Labels, splits and lists.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    FuzzInput.file("t.csv", bytes, count) { url in
        let table = try Table(contentsOf: url)
        for row in table.rows { for column in table.columns { _ = row[column] } }
    }
    return 0
}
