import Testing
import Torch

@Suite struct ScriptModuleTests {
    @Test(arguments: [[], [0x50], [UInt8](repeating: 0x80, count: 4096)])
    func bytesThatAreNoModuleAreAnErrorNotACrash(bytes: [UInt8]) {
        let error = #expect(throws: TorchError.self) { try bytes.withUnsafeBytes { try ScriptModule(bytes: $0) } }
        #expect(error?.operation == "ScriptModule")
        #expect(error?.message.isEmpty == false)
    }
}
