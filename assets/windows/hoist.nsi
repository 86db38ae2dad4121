; The installer for Windows: for one person, without an administrator. scripts/package-windows makes it, and scripts/test-windows
; installs, uses and removes it under Wine. /S installs without asking.
;   VERSION   the version
;   CONTENT   the folder with what is installed
;   OUT       the installer
Unicode true
ManifestDPIAware true
; A build that is only tried is large, and not handed out.
!ifdef QUICK
SetCompressor zlib
!else
SetCompressor /SOLID lzma
!endif
RequestExecutionLevel user
Name "Hoist"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Hoist"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Hoist"
!define CLASSES "Software\Classes\Applications\hoist.exe"
!define NOTIFICATIONS "Software\Classes\AppUserModelId\Hoist"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"

VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "Hoist"
VIAddVersionKey FileDescription "Installs Hoist"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey CompanyName "The Hoist authors"
VIAddVersionKey LegalCopyright "MIT OR Apache-2.0"

!include MUI2.nsh
!include LogicLib.nsh
!include WinMessages.nsh
!include FileFunc.nsh
!define MUI_ICON "${CONTENT}/hoist.ico"
!define MUI_UNICON "${CONTENT}/hoist.ico"
!define MUI_FINISHPAGE_RUN "$INSTDIR\hoist.exe"
!define MUI_UNCONFIRMPAGE_TEXT_TOP "Your settings, history and API keys stay: 'hoist history clear' and the page API keys remove them before."
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English

; The person's PATH, of any length: NSIS' own texts end after 1,024 letters, and would cut the rest of it off. Afterwards $1
; is the open key, $2 a buffer with the value, $3 its kind, and $0 is 0 where all went well.
!macro ReadPath
  System::Call 'kernel32::GetProcessHeap() p .r6'
  System::Call 'kernel32::HeapAlloc(p r6, i 8, p 200000) p .r2'
  System::Call 'advapi32::RegOpenKeyExW(p 0x80000001, w "Environment", i 0, i 0x2001f, *p .r1) i .r0'
  ${If} $0 = 0
    StrCpy $3 2 ; one that names other variables
    System::Call 'advapi32::RegQueryValueExW(p r1, w "Path", p 0, *i .r3, p r2, *i 130000) i .r0'
    ${If} $0 = 2 ; there is none yet
      StrCpy $0 0
      StrCpy $3 2
    ${EndIf}
  ${EndIf}
!macroend
!macro WritePath
  System::Call 'kernel32::lstrlenW(p r2) i .r4'
  IntOp $4 $4 + 1
  IntOp $4 $4 * 2
  System::Call 'advapi32::RegSetValueExW(p r1, w "Path", i 0, i r3, p r2, i r4) i .r0'
  SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=5000
!macroend
!macro ClosePath
  System::Call 'advapi32::RegCloseKey(p r1)'
  System::Call 'kernel32::HeapFree(p r6, i 0, p r2)'
!macroend
; Takes a text out of the value, if it is in it.
!macro CutFromPath TEXT
  System::Call 'shlwapi::StrStrIW(p r2, w "${TEXT}") p .r5'
  ${If} $5 P<> 0
    StrLen $4 "${TEXT}"
    IntOp $4 $4 * 2
    IntPtrOp $7 $5 + $4
    System::Call 'kernel32::lstrlenW(p r7) i .r4'
    IntOp $4 $4 + 1
    IntOp $4 $4 * 2
    System::Call 'kernel32::RtlMoveMemory(p r5, p r7, p r4)'
  ${EndIf}
!macroend

; A program that runs cannot be replaced or removed.
!macro WaitUntilClosed
  StrCpy $9 0
  ${Do}
    ${IfNot} ${FileExists} "$INSTDIR\hoist.exe"
      ${ExitDo}
    ${EndIf}
    ClearErrors
    FileOpen $8 "$INSTDIR\hoist.exe" a
    ${IfNot} ${Errors}
      FileClose $8
      ${ExitDo}
    ${EndIf}
    Sleep 500
    IntOp $9 $9 + 1
    ${If} $9 > 20
      MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "Hoist is open. Close its window, then retry." /SD IDCANCEL IDRETRY +2
      Abort "Hoist is open"
      StrCpy $9 0
    ${EndIf}
  ${Loop}
!macroend

!macro OpenWith EXTENSION
  WriteRegStr HKCU "${CLASSES}\SupportedTypes" "${EXTENSION}" ""
!macroend

Section "Hoist" Program
  SectionIn RO
  !insertmacro WaitUntilClosed
  SetOutPath "$INSTDIR"
  File "${CONTENT}/hoist.exe"
  File "${CONTENT}/hoist.ico"
  File "${CONTENT}/hoist.png"
  File "${CONTENT}/LICENSE-MIT"
  File "${CONTENT}/LICENSE-APACHE"
  File "${CONTENT}/README.md"
  File "${CONTENT}/third-party-licences.txt"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Hoist.lnk" "$INSTDIR\hoist.exe" "" "$INSTDIR\hoist.ico"

  ; "Open with", for what the providers take.
  WriteRegStr HKCU "${CLASSES}" "FriendlyAppName" "Hoist"
  WriteRegStr HKCU "${CLASSES}\shell\open\command" "" '"$INSTDIR\hoist.exe" "%1"'
  WriteRegStr HKCU "${CLASSES}\DefaultIcon" "" "$INSTDIR\hoist.ico"
  !insertmacro OpenWith .png
  !insertmacro OpenWith .jpg
  !insertmacro OpenWith .jpeg
  !insertmacro OpenWith .jpe
  !insertmacro OpenWith .jfif
  !insertmacro OpenWith .webp
  !insertmacro OpenWith .gif
  !insertmacro OpenWith .bmp
  !insertmacro OpenWith .tiff
  !insertmacro OpenWith .tif
  !insertmacro OpenWith .heic
  !insertmacro OpenWith .heif
  !insertmacro OpenWith .avif
  !insertmacro OpenWith .mp3
  !insertmacro OpenWith .wav
  !insertmacro OpenWith .wave
  !insertmacro OpenWith .m4a
  !insertmacro OpenWith .m4b
  !insertmacro OpenWith .aac
  !insertmacro OpenWith .flac
  !insertmacro OpenWith .ogg
  !insertmacro OpenWith .oga
  !insertmacro OpenWith .opus
  !insertmacro OpenWith .weba
  !insertmacro OpenWith .mka
  !insertmacro OpenWith .mp4
  !insertmacro OpenWith .m4v
  !insertmacro OpenWith .mov
  !insertmacro OpenWith .qt
  !insertmacro OpenWith .webm
  !insertmacro OpenWith .mkv
  !insertmacro OpenWith .avi
  !insertmacro OpenWith .ogv
  !insertmacro OpenWith .srt
  !insertmacro OpenWith .ass
  !insertmacro OpenWith .3gp
  !insertmacro OpenWith .3g2
  !insertmacro OpenWith .mpg
  !insertmacro OpenWith .mpeg
  !insertmacro OpenWith .vob
  !insertmacro OpenWith .wmv
  !insertmacro OpenWith .asf
  !insertmacro OpenWith .flv

  WriteRegStr HKCU "${NOTIFICATIONS}" "DisplayName" "Hoist"
  WriteRegStr HKCU "${NOTIFICATIONS}" "IconUri" "$INSTDIR\hoist.png"

  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Hoist"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\hoist.ico"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The Hoist authors"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

Section "Send to, in Explorer" SendTo
  CreateShortcut "$SENDTO\Hoist.lnk" "$INSTDIR\hoist.exe" "" "$INSTDIR\hoist.ico"
SectionEnd

Section "hoist in terminals (PATH)" Path
  !insertmacro ReadPath
  ${If} $0 = 0
    System::Call 'shlwapi::StrStrIW(p r2, w "$INSTDIR") p .r5'
    ${If} $5 P= 0
      System::Call 'kernel32::lstrlenW(p r2) i .r4'
      ${If} $4 <> 0
        System::Call 'kernel32::lstrcatW(p r2, w ";")'
      ${EndIf}
      System::Call 'kernel32::lstrcatW(p r2, w "$INSTDIR")'
      !insertmacro WritePath
    ${EndIf}
  ${EndIf}
  !insertmacro ClosePath
SectionEnd

LangString AboutProgram ${LANG_ENGLISH} "The window and the command line."
LangString AboutSendTo ${LANG_ENGLISH} "A right click on files, Send to, Hoist."
LangString AboutPath ${LANG_ENGLISH} "Terminals that are opened from now on find hoist by its name."
!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${Program} $(AboutProgram)
  !insertmacro MUI_DESCRIPTION_TEXT ${SendTo} $(AboutSendTo)
  !insertmacro MUI_DESCRIPTION_TEXT ${Path} $(AboutPath)
!insertmacro MUI_FUNCTION_DESCRIPTION_END

Section "Uninstall"
  !insertmacro WaitUntilClosed
  !insertmacro ReadPath
  ${If} $0 = 0
    !insertmacro CutFromPath ";$INSTDIR"
    !insertmacro CutFromPath "$INSTDIR;"
    !insertmacro CutFromPath "$INSTDIR"
    System::Call 'kernel32::lstrlenW(p r2) i .r4'
    ${If} $4 = 0
      DeleteRegValue HKCU "Environment" "Path"
    ${Else}
      !insertmacro WritePath
    ${EndIf}
  ${EndIf}
  !insertmacro ClosePath
  Delete "$SMPROGRAMS\Hoist.lnk"
  Delete "$SENDTO\Hoist.lnk"
  DeleteRegKey HKCU "${CLASSES}"
  DeleteRegKey HKCU "${NOTIFICATIONS}"
  DeleteRegKey HKCU "${UNINSTALL}"
  ; What was installed and nothing else: whose folder this is was the person's choice.
  Delete "$INSTDIR\hoist.exe"
  Delete "$INSTDIR\hoist.ico"
  Delete "$INSTDIR\hoist.png"
  Delete "$INSTDIR\LICENSE-MIT"
  Delete "$INSTDIR\LICENSE-APACHE"
  Delete "$INSTDIR\README.md"
  Delete "$INSTDIR\third-party-licences.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
SectionEnd
